import { isServerSpan } from "../../otel/lifetimes/from-spans.ts"
import { type JudgedTrace, judgeTrace } from "../../otel/lifetimes/judge-trace.ts"
import { isMarker } from "../../otel/lifetimes/open-marker.ts"
import type { Micros } from "../../otel/lifetimes/time.ts"
import type { Trace } from "../../otel/lifetimes/trace.ts"
import type { Instance, Runs } from "./runs.ts"

export interface JudgingOptions {
  readonly runs: Runs
  /** How long a lifetime may outlive what it was acquired for. */
  readonly grace: Micros
  readonly streamRoutes: ReadonlyArray<string>
}

/** A trace as it is judged while its programs run. */
interface TraceAt extends JudgedTrace {
  /** The program of an exchange, by the id of its span. */
  readonly instanceOf: (spanId: string) => Instance | undefined
}

/** What was open when its program was last heard of is judged at that moment. */
export const traceAt = (
  trace: Trace,
  now: Micros,
  { runs, grace, streamRoutes }: JudgingOptions,
): TraceAt => {
  const instances = new Map<string, Instance>()
  for (const span of trace.values()) {
    const instance = runs.of(span.resource)
    if (instance === undefined) continue
    if (isServerSpan(span)) instances.set(span.spanId, instance)
    else if (isMarker(span) && !instances.has(span.parentSpanId)) {
      instances.set(span.parentSpanId, instance)
    }
  }
  const gone = [...instances.values()].filter(({ isGone }) => isGone)
  const at = Math.min(now, ...gone.map(({ lastHeardAt }) => lastHeardAt))
  const judged = judgeTrace(trace, { now: at, grace, final: false }, streamRoutes)
  const again = judged.again === undefined || at < now ? undefined : judged.again
  return { ...judged, again, instanceOf: (spanId) => instances.get(spanId) }
}
