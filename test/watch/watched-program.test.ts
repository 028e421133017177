import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { layerLifetimes } from "../../otel/instrument/automatic.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { Bus } from "../../src/server/bus.ts"
import { WatchedProgram } from "../../src/watch/watched-program.ts"
import { brokenTrace } from "../collector/broken-trace.ts"
import { hexOf } from "../otlp/spans.ts"
import { second } from "./empty-model.ts"

const watched = WatchedProgram.layer({
  title: "a program",
  otlp: () => "http://127.0.0.1:4318",
  started: undefined,
  directory: "/app",
  editor: undefined,
  grace: second,
  streamRoutes: [],
  knownReason: () => undefined,
  isRunning: () => true,
  host: "here",
  received: () => {},
  tell: () => Effect.void,
  notes: Effect.succeed([]),
}).pipe(Layer.provide([TraceStore.layer(), Bus.layer.pipe(Layer.provide(layerLifetimes()))]))

describe("a trace that somebody asks for", () => {
  it.effect(
    "is shown while it is still coming, and what is found is told when it has settled",
    () =>
      Effect.gen(function* () {
        const store = yield* TraceStore
        const program = yield* WatchedProgram
        const [server, finding] = brokenTrace(7)
        const rules = Effect.map(program.findings, (findings) => findings.map(({ rule }) => rule))
        yield* store.add([finding, server])
        strictEqual(yield* program.exchangeOf(hexOf(7, 32)), `${hexOf(7, 32)}.${server.spanId}`)
        deepStrictEqual(yield* rules, [])
        // How often depends on what judging takes of this machine's time.
        const found = yield* Effect.andThen(TestClock.adjust("50 millis"), rules).pipe(
          Effect.repeat({ until: ({ length }) => length > 0, times: 1_000 }),
        )
        deepStrictEqual(found, ["scope-closed-early"])
      }).pipe(Effect.provide(watched)),
  )
})
