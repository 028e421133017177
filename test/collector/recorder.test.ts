import { deepStrictEqual, strictEqual } from "node:assert"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { layerRecording } from "../../src/collector/recorder.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { decodeJson } from "../../src/otlp/export-request.ts"
import { hexOf, spanOf } from "../otlp/spans.ts"

const recording = (file: string) => layerRecording(file).pipe(Layer.provide(TraceStore.layer()))

const inFile = <A, E, R>(use: (file: string) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const folder = yield* files.makeTempDirectoryScoped()
    const file = `${folder}/spans.jsonl`
    yield* use(file)
    return (yield* files.readFileString(file)).split("\n")
  }).pipe(Effect.provide(NodeFileSystem.layer))

const spanNumber = (number: number) => spanOf({ spanId: hexOf(number, 16) })

describe("a store that records", () => {
  it.effect("appends one request a line, also to what the file has already", () =>
    Effect.gen(function* () {
      const lines = yield* inFile((file) =>
        Effect.gen(function* () {
          for (const number of [1, 2]) {
            yield* Effect.flatMap(TraceStore, (store) => store.add([spanNumber(number)])).pipe(
              Effect.provide(recording(file)),
            )
          }
        }),
      )
      strictEqual(lines.length, 3)
      strictEqual(lines[2], "")
      deepStrictEqual((yield* decodeJson(lines[1] ?? "")).spans, [spanNumber(2)])
    }),
  )

  it.effect("keeps the lines of requests that come at the same time apart", () =>
    Effect.gen(function* () {
      const lines = yield* inFile((file) =>
        Effect.gen(function* () {
          const store = yield* TraceStore
          const adding = Array.from({ length: 50 }, (_, index) =>
            store.add([spanNumber(index + 1)]),
          )
          yield* Effect.all(adding, { concurrency: "unbounded" })
          yield* store.add([])
        }).pipe(Effect.provide(recording(file))),
      )
      const decoded = yield* Effect.forEach(lines.slice(0, -1), decodeJson)
      const ids = new Set(decoded.flatMap(({ spans }) => spans.map((span) => span.spanId)))
      strictEqual(ids.size, 50)
    }),
  )

  it.effect("fails where the file cannot be opened", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(
        Layer.build(recording("/no/such/folder/spans.jsonl")).pipe(
          Effect.provide(NodeFileSystem.layer),
        ),
      )
      strictEqual(failure._tag, "PlatformError")
    }),
  )
})
