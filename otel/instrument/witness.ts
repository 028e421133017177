import * as Context from "effect/Context"
import type * as Tracer from "effect/Tracer"
import { isObservable, replaceEnd } from "./effect/spans.ts"
import type { ExchangeRecord } from "./records/record.ts"
import type { LifetimeRegistry } from "./records/registry.ts"
import type { Sink } from "./records/sink.ts"

/** Sees and keeps whatever is recorded below it, by whichever Layer: the guard of a test. */
export interface Observation {
  /** A Layer begins to record lifetimes. */
  readonly recording: (registry: LifetimeRegistry) => void
  /** An exchange has begun. */
  readonly begun: (exchange: ExchangeRecord) => void
  /** The span of a client of this program has ended. */
  readonly clientEnded: (span: Tracer.Span) => void
}

/** Who watches; nobody outside of tests. */
export const Witness = Context.Reference<Observation | undefined>("scopeline/Witness", {
  defaultValue: () => undefined,
})

/** The same sink, which also tells the witness. */
export const witnessedSink = (sink: Sink, witness: Observation | undefined): Sink =>
  witness === undefined
    ? sink
    : {
        ...sink,
        begun: (exchange) => {
          witness.begun(exchange)
          sink.begun(exchange)
        },
      }

/** The same tracer, whose client spans the witness sees. */
export const witnessedTracer = (
  tracer: Tracer.Tracer,
  witness: Observation | undefined,
): Tracer.Tracer => {
  if (witness === undefined) return tracer
  const start: Tracer.Tracer["span"] = (options) => {
    const span = tracer.span(options)
    if (options.kind !== "client" || !isObservable(span)) return span
    replaceEnd(span, (end) => (endTime, exit) => {
      end(endTime, exit)
      witness.clientEnded(span)
    })
    return span
  }
  return tracer.context === undefined
    ? { span: start }
    : { span: start, context: tracer.context.bind(tracer) }
}
