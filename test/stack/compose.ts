import { Schema } from "effect"
import { parse } from "yaml"
import { fileText } from "./repository.ts"

const Service = Schema.Struct({
  build: Schema.optional(Schema.String),
  image: Schema.optional(Schema.String),
  attach: Schema.optional(Schema.Boolean),
  init: Schema.optional(Schema.Boolean),
  command: Schema.Array(Schema.String),
  environment: Schema.optional(Schema.Record(Schema.String, Schema.String)),
  ports: Schema.optional(Schema.Array(Schema.String)),
  expose: Schema.optional(Schema.Array(Schema.String)),
  volumes: Schema.optional(Schema.Array(Schema.String)),
  profiles: Schema.optional(Schema.Array(Schema.String)),
  restart: Schema.optional(Schema.String),
  stop_grace_period: Schema.String,
  depends_on: Schema.optional(
    Schema.Record(Schema.String, Schema.Struct({ condition: Schema.String })),
  ),
  healthcheck: Schema.optional(
    Schema.Struct({
      test: Schema.optional(Schema.Array(Schema.String)),
      disable: Schema.optional(Schema.Boolean),
    }),
  ),
})
export type Service = typeof Service.Type

const Compose = Schema.Struct({ services: Schema.Record(Schema.String, Service) })

/** The file as Compose reads it with these variables set: anchors merged, defaults filled in. */
export const readCompose = (variables: Readonly<Record<string, string>> = {}) => {
  const text = fileText("docker-compose.yml").replace(
    /\$\{(\w+):-([^}]*)\}/g,
    (_, name: string, fallback: string) => variables[name] ?? fallback,
  )
  return Schema.decodeUnknownSync(Compose)(parse(text, { merge: true })).services
}

export const serviceNamed = (
  services: Readonly<Record<string, Service>>,
  name: string,
): Service => {
  const service = services[name]
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`)
  return service
}

/** The services that run this program, by name. */
export const ownServices = (services: Readonly<Record<string, Service>>) =>
  Object.entries(services).filter(([, { build }]) => build !== undefined)

/** `host:published:target` in its parts. */
export const portsOf = (service: Service) =>
  (service.ports ?? []).map((mapping) => {
    const [host = "", published = "", target = ""] = mapping.split(":")
    return { host, published, target }
  })
