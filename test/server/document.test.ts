import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { eventServer } from "../support/event-server.ts"
import { RawClient } from "../support/raw-client.ts"
import { StreamReader } from "../support/stream-reader.ts"

const Media = Schema.Record(Schema.String, Schema.Struct({ schema: Schema.Unknown }))
const Operation = Schema.Struct({
  requestBody: Schema.optional(Schema.Struct({ content: Media })),
  responses: Schema.Record(Schema.String, Schema.Struct({ content: Media })),
})
const Document = Schema.Struct({
  openapi: Schema.String,
  paths: Schema.Record(Schema.String, Schema.Record(Schema.String, Operation)),
  components: Schema.Struct({ schemas: Schema.Record(Schema.String, Schema.Unknown) }),
})

const document = Effect.gen(function* () {
  const address = yield* eventServer()
  const response = yield* Effect.promise(() => fetch(`${address}/doc`))
  expect(response.status).toBe(200)
  expect(response.headers.get("content-type")).toMatch(/^application\/json/)
  const text = yield* Effect.promise(() => response.text())
  return { text, ...Schema.decodeUnknownSync(Schema.fromJsonString(Document))(text) }
})

describe("GET /health", () => {
  it.live.each(["broken", "fixed"] as const)("says that the server is up and runs %s", (variant) =>
    Effect.gen(function* () {
      const address = yield* eventServer({ variant })
      const response = yield* Effect.promise(() => fetch(`${address}/health`))
      expect(response.status).toBe(200)
      expect(yield* Effect.promise(() => response.json())).toEqual({ status: "ok", variant })
    }),
  )
})

describe("GET /doc", () => {
  it.live("is an OpenAPI document that names every path and its methods", () =>
    Effect.gen(function* () {
      const { openapi, paths } = yield* document
      expect(openapi).toMatch(/^3\./)
      const methods = Object.entries(paths).map(([path, item]) => [path, Object.keys(item)])
      expect(Object.fromEntries(methods)).toEqual({
        "/event": ["get", "post"],
        "/health": ["get"],
        "/debug/lifetimes": ["get"],
      })
    }),
  )

  it.live("has a schema for every body that is sent or answered", () =>
    Effect.gen(function* () {
      const { paths } = yield* document
      const answered = Object.entries(paths).flatMap(([path, item]) =>
        Object.entries(item).map(([method, { responses, requestBody }]) => [
          `${method} ${path}`,
          Object.entries(responses).map(
            ([status, { content }]) => `${status} ${Object.keys(content)}`,
          ),
          Object.keys(requestBody?.content ?? {}),
        ]),
      )
      const json = "application/json"
      expect(answered).toEqual([
        ["get /event", ["200 text/event-stream"], []],
        ["post /event", [`200 ${json}`, `400 ${json}`, `413 ${json}`], [json]],
        ["get /health", [`200 ${json}`], []],
        ["get /debug/lifetimes", [`200 ${json}`, `403 ${json}`], []],
      ])
    }),
  )

  it.live("describes an event by its id, its type and its properties", () =>
    Effect.gen(function* () {
      const { components } = yield* document
      expect(components.schemas.Event).toMatchObject({
        type: "object",
        required: ["id", "type", "properties"],
      })
    }),
  )

  it.live("refers to no schema that it does not have", () =>
    Effect.gen(function* () {
      const { text, components } = yield* document
      const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)]
      const known = Object.keys(components.schemas)
      expect(references.length).toBeGreaterThan(0)
      expect(
        references.map(([, name]) => name).filter((name) => !known.includes(name ?? "")),
      ).toEqual([])
    }),
  )
})

describe("HEAD /event", () => {
  it.live("answers with the head of GET and no body, and the connection goes on", () =>
    Effect.gen(function* () {
      const address = yield* eventServer()
      const reader = yield* StreamReader.open(`${address}/event`)
      yield* reader.frameCount(1)
      const client = yield* RawClient.connect(address)
      yield* client.ask("HEAD /event")
      yield* client.until(({ received }) => received.includes("\r\n\r\n"))
      const [status, ...lines] = client.received.trimEnd().toLowerCase().split("\r\n")
      expect(status).toBe("http/1.1 200 ok")
      for (const name of ["content-type", "cache-control", "x-accel-buffering"]) {
        expect(lines).toContain(`${name}: ${reader.headers[name]}`)
      }
      yield* client.ask("GET /health")
      yield* client.until(({ received }) => received.endsWith("}"))
      expect(client.received.split("\r\n\r\n").slice(1, 2).join()).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    }),
  )
})
