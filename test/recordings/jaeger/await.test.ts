import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { FetchHttpClient } from "effect/http"
import { awaitTrace } from "../../../src/recordings/jaeger/client.ts"
import { jaegerStandIn, listening } from "../../support/jaeger-stand-in.ts"
import { answering, fixture, fixtureTrace, send, sentTrace, spanOf } from "./answers.ts"

describe("waiting for a trace", () => {
  it.live("ends once it is there", () =>
    Effect.gen(function* () {
      const jaeger = yield* jaegerStandIn
      const waiting = yield* Effect.forkChild(awaitTrace(jaeger.address, sentTrace, () => true))
      yield* jaeger.askedFor(sentTrace, 1)
      yield* send(jaeger.address, spanOf(sentTrace, "00000000000000aa"))
      expect((yield* Fiber.join(waiting)).spans).toHaveLength(1)
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )

  it.live("goes on while only a part of it is there", () =>
    Effect.gen(function* () {
      const jaeger = yield* jaegerStandIn
      yield* send(jaeger.address, spanOf(sentTrace, "00000000000000aa"))
      const waiting = yield* Effect.forkChild(
        awaitTrace(jaeger.address, sentTrace, (spans) => spans.length === 2),
      )
      yield* jaeger.askedFor(sentTrace, 2)
      yield* send(jaeger.address, spanOf(sentTrace, "00000000000000bb"))
      const { spans } = yield* Fiber.join(waiting)
      expect(spans.map(({ spanId }) => spanId)).toEqual(["00000000000000aa", "00000000000000bb"])
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )

  it.live("goes on while Jaeger is starting", () =>
    Effect.gen(function* () {
      let answers = 0
      const address = yield* listening((request, response) => {
        answers++
        const listener =
          answers === 1
            ? answering(503, "text/plain", "starting")
            : answering(200, "application/json", fixture("GetTrace.json"))
        listener(request, response)
      })
      const { spans } = yield* awaitTrace(address, fixtureTrace, () => true)
      expect(spans).toHaveLength(1)
      expect(answers).toBe(2)
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )

  it.live("ends with what was missing when its time is over", () =>
    Effect.gen(function* () {
      const jaeger = yield* jaegerStandIn
      yield* send(jaeger.address, spanOf(sentTrace, "00000000000000aa"))
      const error = yield* Effect.flip(
        awaitTrace(jaeger.address, sentTrace, (spans) => spans.length === 2, "1 second"),
      )
      expect(error.message).toBe(
        `Jaeger at ${jaeger.address} has 1 of the spans of trace ${sentTrace}, and not yet all that are waited for`,
      )
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )

  it.live("stops at once where the address is no Jaeger", () =>
    Effect.gen(function* () {
      const address = yield* listening(answering(404, "text/html", "<h1>Not found</h1>"))
      const error = yield* Effect.flip(awaitTrace(address, sentTrace, () => true))
      expect(error.message).toBe(
        `${address} does not answer as Jaeger's API v3 does: 404 with a body that is not JSON`,
      )
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )
})
