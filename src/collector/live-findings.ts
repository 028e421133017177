import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { type Finding, groupKey } from "../../otel/lifetimes/finding.ts"
import type { JudgedExchange } from "../../otel/lifetimes/judge-trace.ts"
import { TraceStore } from "./trace-store.ts"

/** Exporters send the spans of a trace in several requests; judging waits this long for the others. */
const pause = "500 millis"

/** Traces that are judged before others have their turn. */
const atOnce = 200

/** Senders choose names, so kinds of findings could go on for ever. */
const mostKinds = 1_000

/**
 * Judges each trace of the store again after it changed, and reports every kind of finding (rule,
 * service, route and operation) once. What has changed since is judged when the scope closes. Gives how
 * many traces were let go before they could be judged.
 */
export const watchFindings = Effect.fnUntraced(function* (
  report: (findings: ReadonlyArray<Finding>) => Effect.Effect<void>,
): Effect.fn.Return<Effect.Effect<number>, never, TraceStore | Scope.Scope> {
  const store = yield* TraceStore
  const reported = new Set<string>()
  const waiting = new Set<string>()
  let unjudged = 0

  const isNew = (finding: Finding): boolean => {
    const kind = groupKey(finding)
    if (reported.has(kind) || reported.size >= mostKinds) return false
    reported.add(kind)
    return true
  }

  const judge = Effect.fnUntraced(function* (traceIds: ReadonlyArray<string>) {
    const traces = yield* Effect.forEach(traceIds, store.trace)
    unjudged += traces.filter((spans) => spans.length === 0).length
    const { findings, exchanges } = diagnose(traces.flat())
    const kinds = kindsByTrace(findings, exchanges)
    for (const id of traceIds) yield* store.judged(id, kinds.get(id) ?? new Set())
    const found = findings.filter(isNew)
    if (found.length > 0) yield* report(found)
  })

  const changes = yield* store.changes
  const judgeWaiting = Effect.gen(function* () {
    for (const id of changes.take()) waiting.add(id)
    while (waiting.size > 0) {
      const next = firstOf(waiting, atOnce)
      for (const id of next) waiting.delete(id)
      yield* Effect.uninterruptible(judge(next))
      yield* Effect.yieldNow
    }
  })

  yield* Effect.addFinalizer(() => judgeWaiting)
  yield* changes.await.pipe(
    Effect.andThen(Effect.sleep(pause)),
    Effect.andThen(judgeWaiting),
    Effect.forever,
    Effect.forkScoped,
  )
  return Effect.sync(() => unjudged)
})

const firstOf = (ids: ReadonlySet<string>, most: number): ReadonlyArray<string> => {
  const first: Array<string> = []
  for (const id of ids) {
    if (first.length === most) break
    first.push(id)
  }
  return first
}

const kindsByTrace = (
  findings: ReadonlyArray<Finding>,
  exchanges: ReadonlyArray<JudgedExchange>,
): ReadonlyMap<string, ReadonlySet<string>> => {
  const kinds = new Map<string, Set<string>>()
  const add = (traceId: string, kind: string) => {
    kinds.set(traceId, (kinds.get(traceId) ?? new Set()).add(kind))
  }
  for (const finding of findings) {
    for (const { traceId } of finding.examples) add(traceId, groupKey(finding))
  }
  for (const { exchange, matches } of exchanges) {
    for (const match of matches) add(exchange.span.traceId, groupKey(match))
  }
  return kinds
}
