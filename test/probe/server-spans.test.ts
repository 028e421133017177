import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { HTTP_ROUTE, LIFETIME_OPEN } from "../../otel/attributes.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { insightOf } from "../../src/probe/insight.ts"
import { awaitServerSpans, hasOtherServerSpans } from "../../src/probe/server-spans.ts"
import { spanOf } from "../otlp/spans.ts"

const second = 1_000_000

const client = spanOf({ kind: "client", startedAt: 0, endedAt: second })

/** What a server sends of an exchange that is still open at that time. */
const markerAt = (endedAt: number) =>
  spanOf({
    spanId: "00000000000000aa",
    parentSpanId: "00000000000000bb",
    startedAt: 1,
    endedAt,
    attributes: { [HTTP_ROUTE]: "/event", [LIFETIME_OPEN]: true },
  })

const patience = { wait: 60_000, grace: second }

const arrivedWith = Effect.fnUntraced(function* (spans: ReadonlyArray<Span>) {
  const store = yield* TraceStore
  yield* store.add([client, ...spans])
  return yield* Effect.forkChild(awaitServerSpans([client], patience), {
    startImmediately: true,
  })
})

describe("waiting for the server's spans", () => {
  it.effect("ends with an open marker of a grace period after the client left", () =>
    Effect.gen(function* () {
      const arrived = yield* Fiber.join(yield* arrivedWith([markerAt(2 * second)]))
      expect(arrived).toMatchObject([{ answeredFor: expect.any(Number), whole: true }])
      expect(insightOf(arrived, patience, false).notes.join()).not.toContain(
        "sends no server spans",
      )
    }).pipe(Effect.provide(TraceStore.layer())),
  )

  it.effect("goes on where the grace period was not over when the exchange was seen open", () =>
    Effect.gen(function* () {
      const store = yield* TraceStore
      const waiting = yield* arrivedWith([markerAt(second + 1)])
      expect(waiting.pollUnsafe()).toBeUndefined()
      yield* store.add([markerAt(2 * second)])
      yield* Fiber.join(waiting)
    }).pipe(Effect.provide(TraceStore.layer())),
  )
})

describe("connections without a server span", () => {
  const serverSpan = spanOf({
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    kind: "server",
    attributes: { [HTTP_ROUTE]: "/session" },
  })

  const notesBeside = Effect.fnUntraced(function* (other: Span) {
    const store = yield* TraceStore
    yield* store.add([client, other])
    const arrived = yield* awaitServerSpans([client], { wait: 0, grace: second })
    const others = yield* hasOtherServerSpans([client])
    return insightOf(arrived, { wait: 0, grace: second }, others).notes
  })

  it.live("are not said to be of a server that sends none where other requests have theirs", () =>
    Effect.gen(function* () {
      const notes = yield* notesBeside(serverSpan)
      expect(notes).toEqual([expect.stringContaining("Server spans of other requests came")])
      expect(notes.join()).toContain("was not judged")
    }).pipe(Effect.provide(TraceStore.layer())),
  )

  it.live("are of a server that sends none where others have none either", () =>
    Effect.gen(function* () {
      const notes = yield* notesBeside({ ...serverSpan, kind: "internal" })
      expect(notes).toEqual([expect.stringContaining("This server sends no server spans")])
    }).pipe(Effect.provide(TraceStore.layer())),
  )
})
