import * as OtelTracer from "@effect/opentelemetry/OtelTracer"
import * as Otel from "@opentelemetry/api"
import * as Effect from "effect/Effect"
import type * as Tracer from "effect/Tracer"
import { FINDING_MESSAGE, FINDING_SEVERITY, LIFETIME_OPEN } from "../attributes.ts"
import { fromNanos, type Micros } from "../lifetimes/time.ts"
import type { CutOffCounter } from "./cut-off.ts"

/**
 * Effect's own bridge to OpenTelemetry without its cost: the bridge enters an OpenTelemetry context
 * for every primitive that a fiber runs, which halves the speed of an event server. Its way of making
 * spans is kept; `enterContext` brings the context back, for programs that mix in other OpenTelemetry
 * instrumentation.
 */
export class ScopelineTracer {
  readonly #sdk: Otel.Tracer
  readonly #open = new Set<Otel.Span>()
  readonly #cutOff: CutOffCounter
  readonly #now: () => Micros
  #latest: Otel.Span | undefined

  constructor(sdk: Otel.Tracer, cutOff: CutOffCounter, now: () => Micros) {
    this.#sdk = sdk
    this.#cutOff = cutOff
    this.#now = now
  }

  readonly make = (enterContext: boolean): Effect.Effect<Tracer.Tracer> =>
    Effect.map(
      OtelTracer.make.pipe(Effect.provideService(OtelTracer.OtelTracer, this.#capturing())),
      (bridge): Tracer.Tracer => ({
        span: (options) => this.#follow(bridge.span(options)),
        ...(enterContext && bridge.context !== undefined ? { context: bridge.context } : {}),
      }),
    )

  /** Ends every span that is still open, marked as open: a leak must not vanish from its trace. */
  readonly endOpen = (): void => {
    for (const span of this.#open) span.setAttribute(LIFETIME_OPEN, true).end()
    this.#open.clear()
  }

  /** The bridge keeps the SDK's span to itself; this is how it is known. */
  #capturing(): Otel.Tracer {
    const startSpan: Otel.Tracer["startSpan"] = (name, options, context) => {
      this.#latest = this.#sdk.startSpan(name, options, context)
      return this.#latest
    }
    return { startSpan, startActiveSpan: this.#sdk.startActiveSpan.bind(this.#sdk) }
  }

  #follow(span: Tracer.Span): Tracer.Span {
    const raw = this.#latest
    if (raw === undefined || !raw.isRecording()) return span
    this.#open.add(raw)
    const end = span.end.bind(span)
    span.end = (endTime, exit) => {
      if (!this.#open.delete(raw)) this.#endedLate(span)
      keepFinding(span, raw)
      end(endTime, exit)
    }
    return span
  }

  /** It was sent as open, and what became of it is told to nobody. */
  #endedLate({ traceId, spanId, name, status }: Tracer.Span): void {
    this.#cutOff.ended({
      span: { traceId, spanId },
      name,
      startedAt: fromNanos(status.startTime),
      endedAt: this.#now(),
    })
  }
}

/** Effect ends a span that ended well with status OK, which would paint over the finding on it. */
const keepFinding = (span: Tracer.Span, raw: Otel.Span): void => {
  const message = span.attributes.get(FINDING_MESSAGE)
  if (span.attributes.get(FINDING_SEVERITY) !== "error" || typeof message !== "string") return
  raw.setStatus({ code: Otel.SpanStatusCode.ERROR, message })
  raw.setStatus = () => raw
}
