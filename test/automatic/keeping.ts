import { expect } from "@effect/vitest"
import { Effect } from "effect"
import { exchangesOf } from "../../otel/lifetimes/from-spans.ts"
import { traceOf } from "../../otel/lifetimes/trace.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { receiver } from "../collector/post.ts"
import type { Place } from "./places.ts"

/** What everything has come from when the program has stopped. */
const sentBy = Effect.fnUntraced(function* (
  place: Place,
  visits: ReadonlyArray<readonly [path: string, headers?: Readonly<Record<string, string>>]>,
) {
  yield* Effect.gen(function* () {
    const ask = yield* place
    const visit = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
      const { body } = await ask(path, headers)
      for await (const _ of body ?? []) if (path !== "/broken") break
    }
    yield* Effect.forEach(visits, (words) => Effect.promise(() => visit(...words)), {
      concurrency: 16,
      discard: true,
    })
  }).pipe(Effect.scoped)
  const store = yield* TraceStore
  return yield* Effect.forEach(yield* store.traces, store.trace)
})

/** Of 1,000 healthy and 10 broken connections to a place that keeps no trace without a finding, 10 are sent whole. */
export const expectFindingsKept = (place: Place) =>
  Effect.gen(function* () {
    const healthy = ["/fixed", "/nested"] as const
    const visits = Array.from({ length: 1_010 }, (_, index) =>
      index % 101 === 50 ? (["/broken"] as const) : ([healthy[index % 2] ?? ""] as const),
    )
    const traces = yield* sentBy(place, visits)
    const names = traces.map((spans) => spans.map(({ name }) => name).toSorted())
    const whole = [
      "GET",
      "answerBroken",
      "finding scope-closed-early",
      "openBroken",
      "scope openBroken",
      "scope request",
      "stream body",
      "subscription unnamed",
    ]
    expect(names).toEqual(Array(10).fill(whole))
    const routes = traces.flatMap((spans) => exchangesOf(traceOf(spans)).map(({ route }) => route))
    expect(routes).toEqual(Array(10).fill("GET /broken"))
  }).pipe(Effect.provide(receiver))

/** A broken one is sent although its client does not sample the trace. */
export const expectKeptUnsampled = (place: Place) =>
  Effect.gen(function* () {
    const traceparent = (trace: string) => ({ traceparent: `00-${trace}-${"b".repeat(16)}-00` })
    const [trace, ...others] = yield* sentBy(place, [
      ["/broken", traceparent("a".repeat(32))],
      ["/fixed", traceparent("c".repeat(32))],
    ])
    expect([new Set(trace?.map(({ traceId }) => traceId)), others]).toEqual([
      new Set(["a".repeat(32)]),
      [],
    ])
  }).pipe(Effect.provide(receiver))
