import { strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import { layerLifetimes } from "../../otel/instrument/automatic.ts"
import type { ExchangeRecord } from "../../otel/instrument/records/record.ts"
import { Registry } from "../../otel/instrument/records/registry.ts"
import { LifetimeSink, silentSink } from "../../otel/instrument/records/sink.ts"
import { collectGarbage } from "../support/collect-garbage.ts"
import { answer } from "./exchange.ts"

const requests = 20

describe("a PubSub that every request shuts down", () => {
  it.live("keeps none of these requests in memory", () =>
    Effect.gen(function* () {
      const registry = yield* Registry
      const bus = yield* PubSub.unbounded<number>()
      const seen: Array<WeakRef<ExchangeRecord>> = []
      const shutDown = Effect.gen(function* () {
        for (const exchange of registry.exchanges) seen.push(new WeakRef(exchange))
        yield* Effect.addFinalizer(() => PubSub.shutdown(bus))
        return HttpServerResponse.empty()
      })
      for (let request = 0; request < requests; request++) yield* answer(shutDown)
      yield* Effect.sleep(0) // a WeakRef keeps what it was made for until the turn is over
      collectGarbage()
      const kept = seen.filter((reference) => reference.deref() !== undefined)
      strictEqual(seen.length, requests)
      // The fiber here may know the last.
      strictEqual(kept.length <= 2, true, `${kept.length} are kept`)
      strictEqual(yield* PubSub.isShutdown(bus), true) // it is there as long as the program
    }).pipe(
      Effect.provide(Layer.provide(layerLifetimes(), Layer.succeed(LifetimeSink, silentSink))),
    ),
  )
})
