import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import type { Finding } from "../../otel/lifetimes/finding.ts"
import { TraceStore } from "./trace-store.ts"

/** Exporters send the spans of a trace in several requests; judging waits this long for the others. */
const pause = "500 millis"

const mostAtOnce = 1_000

/** Senders choose names, so kinds of findings could go on for ever. */
const mostKinds = 1_000

const kindOf = ({ rule, service, route, operation }: Finding): string =>
  JSON.stringify([rule, service, route, operation])

/**
 * Judges each trace of the store again after it changed, and reports every kind of finding (rule,
 * service, route and operation) once. All that is kept is judged once more when the scope closes.
 */
export const watchFindings = Effect.fnUntraced(function* (
  report: (findings: ReadonlyArray<Finding>) => Effect.Effect<void>,
): Effect.fn.Return<void, never, TraceStore | Scope.Scope> {
  const store = yield* TraceStore
  const reported = new Set<string>()

  const isNew = (finding: Finding): boolean => {
    const kind = kindOf(finding)
    if (reported.has(kind) || reported.size >= mostKinds) return false
    reported.add(kind)
    return true
  }

  const judge = Effect.fnUntraced(function* (traceIds: Iterable<string>) {
    const traces = yield* Effect.forEach([...traceIds], store.trace)
    const findings = diagnose(traces.flat()).findings.filter(isNew)
    if (findings.length > 0) yield* report(findings)
  })

  const changes = yield* store.changes
  yield* Effect.addFinalizer(() => Effect.flatMap(store.traces, judge))
  yield* changes.pipe(
    Stream.groupedWithin(mostAtOnce, pause),
    Stream.runForEach((traceIds) => judge(new Set(traceIds))),
    Effect.forkScoped,
  )
})
