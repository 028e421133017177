import { existsSync } from "node:fs"
import { join } from "node:path"
import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { portsOf, readCompose, serviceNamed } from "./compose.ts"
import { fileText, repository } from "./repository.ts"

const Endpoint = Schema.Struct({ endpoint: Schema.String })
const JaegerConfig = Schema.Struct({
  service: Schema.Struct({
    extensions: Schema.Array(Schema.String),
    pipelines: Schema.Struct({
      traces: Schema.Struct({
        receivers: Schema.Array(Schema.String),
        processors: Schema.Array(Schema.String),
        exporters: Schema.Array(Schema.String),
      }),
    }),
  }),
  extensions: Schema.Struct({
    jaeger_storage: Schema.Struct({
      backends: Schema.Record(
        Schema.String,
        Schema.Struct({ memory: Schema.Struct({ max_traces: Schema.Int }) }),
      ),
    }),
    jaeger_query: Schema.Struct({
      storage: Schema.Struct({ traces: Schema.String }),
      enable_tracing: Schema.Literal(false),
      ui: Schema.Struct({ config_file: Schema.String }),
      http: Endpoint,
      grpc: Endpoint,
    }),
    healthcheckv2: Schema.Struct({ http: Endpoint }),
  }),
  receivers: Schema.Struct({
    otlp: Schema.Struct({ protocols: Schema.Struct({ http: Endpoint, grpc: Endpoint }) }),
  }),
  processors: Schema.Record(Schema.String, Schema.Unknown),
  exporters: Schema.Struct({
    jaeger_storage_exporter: Schema.Struct({ trace_storage: Schema.String }),
  }),
})

const path = "otel/config/jaeger.yaml"
const config = Schema.decodeUnknownSync(JaegerConfig)(parse(fileText(path)))
const { extensions, exporters, processors, receivers, service } = config
const jaeger = serviceNamed(readCompose(), "jaeger")

const endpoints = {
  query: extensions.jaeger_query.http.endpoint,
  queryGrpc: extensions.jaeger_query.grpc.endpoint,
  health: extensions.healthcheckv2.http.endpoint,
  otlpHttp: receivers.otlp.protocols.http.endpoint,
  otlpGrpc: receivers.otlp.protocols.grpc.endpoint,
}
const portOf = (endpoint: string) => /:(\d+)$/.exec(endpoint)?.[1]

describe("Jaeger's configuration", () => {
  it("defines every component that its pipeline uses, and uses every one that it defines", () => {
    expect([...service.extensions].sort()).toEqual(Object.keys(extensions).sort())
    expect(service.pipelines.traces).toEqual({
      receivers: Object.keys(receivers),
      processors: Object.keys(processors),
      exporters: Object.keys(exporters),
    })
  })

  it("reads from the storage that it writes to, which is bounded", () => {
    const storage = extensions.jaeger_query.storage.traces
    expect(exporters.jaeger_storage_exporter.trace_storage).toBe(storage)
    expect(extensions.jaeger_storage.backends[storage]?.memory.max_traces).toBeGreaterThan(0)
  })

  it("binds where it is told to, and the container tells it all addresses", () => {
    for (const endpoint of Object.values(endpoints)) {
      expect(endpoint).toMatch(/^\$\{env:JAEGER_LISTEN_HOST:-localhost\}:\d+$/)
    }
    expect(jaeger.environment).toMatchObject({ JAEGER_LISTEN_HOST: "0.0.0.0" })
  })

  it("is the file that the container is given and started with", () => {
    const [flag, inside] = jaeger.command
    expect(flag).toBe("--config")
    expect(jaeger.volumes).toContain(`./${path}:${inside}:ro`)
    expect(existsSync(join(repository, path))).toBe(true)
  })

  it("names the configuration of the UI, in a checkout and as the container is given it", () => {
    const named = /^\$\{env:JAEGER_UI_CONFIG:-(.+)\}$/.exec(extensions.jaeger_query.ui.config_file)
    const file = named?.[1] ?? ""
    expect(existsSync(join(repository, file))).toBe(true)
    expect(jaeger.volumes).toContain(`./${file}:${jaeger.environment?.JAEGER_UI_CONFIG}:ro`)
  })

  it("listens on every port that the container publishes, and where its health is asked for", () => {
    const listened = [endpoints.query, endpoints.otlpHttp, endpoints.otlpGrpc].map(portOf)
    expect(
      portsOf(jaeger)
        .map(({ target }) => target)
        .sort(),
    ).toEqual(listened.sort())
    const health = jaeger.healthcheck?.test?.at(-1) ?? ""
    expect(health).toBe(`http://127.0.0.1:${portOf(endpoints.health)}/status`)
  })
})
