import * as Otel from "@opentelemetry/api"
import type { SpanReference } from "../lifetimes/span.ts"
import { attributesBytes, ofEvent, ofSpan, valueBytes } from "./delivery/sdk-span-bytes.ts"
import type { ReservedIds } from "./reserved-ids.ts"

/** What makes spans, of the SDK or as data. */
export type SpanStarter = Pick<Otel.Tracer, "startSpan">

/** A span as plain data: the SDK makes it later, or in another process. */
export interface HeldSpan {
  readonly span: SpanReference
  readonly name: string
  readonly parent: HeldParent | undefined
  readonly options: Otel.SpanOptions
  readonly told: ReadonlyArray<SpanCall>
}

interface HeldParent extends Omit<Otel.SpanContext, "traceState"> {
  readonly traceState?: string
}

/** What a span is told after it has started. */
type SpanCall =
  | readonly ["attribute", key: string, value: Otel.AttributeValue]
  | readonly ["event", name: string, attributes: Otel.Attributes, time: Otel.TimeInput]
  | readonly ["exception", exception: Otel.Exception, time: Otel.TimeInput]
  | readonly ["status", status: Otel.SpanStatus]
  | readonly ["end", time: Otel.TimeInput]

/** What can only be told when the span is written. */
interface Patient {
  readonly later: (tell: () => void) => void
}

/**
 * Tells it at once, if a span cannot wait. Reading the stack of an error changes what Node.js prints for an
 * uncaught error: the line of the program that threw it is lost.
 */
export const tellLater = (span: Otel.Span & Partial<Patient>, tell: () => void): void => {
  if (span.later === undefined) tell()
  else span.later(tell)
}

/** Starts spans that are given to `hold` when they have ended. Each becomes data when somebody asks for it. */
export const holdingSpans = (
  ids: ReservedIds,
  hold: (span: () => HeldSpan) => void,
): SpanStarter => ({
  startSpan: (name, options = {}, context = Otel.ROOT_CONTEXT) => {
    const parent = Otel.trace.getSpanContext(context)
    const span = { traceId: ids.generateTraceId(), spanId: ids.generateSpanId() }
    return new HoldingSpan({ span, name, parent: parent && heldParent(parent), options }, hold)
  },
})

const heldParent = ({ traceState, ...parent }: Otel.SpanContext): HeldParent =>
  traceState === undefined ? parent : { ...parent, traceState: traceState.serialize() }

/** Makes it a span of the SDK with the same ids. It is sent through whatever processors the SDK has. */
export const writeHeld = (
  { span, name, parent, options, told }: HeldSpan,
  sdk: SpanStarter,
  ids: ReservedIds,
): void => {
  const context =
    parent === undefined
      ? Otel.ROOT_CONTEXT
      : Otel.trace.setSpanContext(Otel.ROOT_CONTEXT, spanContext(parent))
  const written = ids.with(span, () => sdk.startSpan(name, options, context))
  for (const one of told) tell(written, one)
}

/** About how many bytes it takes while it is handed over. */
export const heldBytes = ({ options, told }: HeldSpan): number => {
  let bytes = ofSpan + attributesBytes(options.attributes)
  for (const { attributes } of options.links ?? []) bytes += ofEvent + attributesBytes(attributes)
  for (const one of told) bytes += ofEvent + callBytes(one)
  return bytes
}

const callBytes = (call: SpanCall): number => {
  switch (call[0]) {
    case "attribute":
      return valueBytes(call[2])
    case "event":
      return attributesBytes(call[2])
    case "exception":
      return typeof call[1] === "string" ? call[1].length : (call[1].stack?.length ?? 0)
    default:
      return 0
  }
}

const spanContext = ({ traceState, ...parent }: HeldParent): Otel.SpanContext =>
  traceState === undefined ? parent : { ...parent, traceState: Otel.createTraceState(traceState) }

const tell = (span: Otel.Span, told: SpanCall): void => {
  switch (told[0]) {
    case "attribute":
      span.setAttribute(told[1], told[2])
      return
    case "event":
      span.addEvent(told[1], told[2], told[3])
      return
    case "exception":
      span.recordException(told[1], told[2])
      return
    case "status":
      span.setStatus(told[1])
      return
    case "end":
      span.end(told[1])
  }
}

/** Records what it is told, as far as the writer of spans uses it. */
class HoldingSpan implements Otel.Span, Patient {
  readonly #held: Omit<HeldSpan, "told">
  readonly #hold: (span: () => HeldSpan) => void
  readonly #told: Array<SpanCall> = []
  readonly #later: Array<() => void> = []

  constructor(held: Omit<HeldSpan, "told">, hold: (span: () => HeldSpan) => void) {
    this.#held = held
    this.#hold = hold
  }

  spanContext(): Otel.SpanContext {
    return { ...this.#held.span, traceFlags: Otel.TraceFlags.SAMPLED }
  }

  setAttribute(key: string, value: Otel.AttributeValue): this {
    this.#told.push(["attribute", key, value])
    return this
  }

  setAttributes(attributes: Otel.Attributes): this {
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== undefined) this.setAttribute(key, value)
    }
    return this
  }

  addEvent(
    name: string,
    attributes: Otel.Attributes = {},
    time: Otel.TimeInput = Date.now(),
  ): this {
    this.#told.push(["event", name, attributes, time])
    return this
  }

  recordException(exception: Otel.Exception, time: Otel.TimeInput = Date.now()): void {
    this.#told.push(["exception", plainException(exception), time])
  }

  setStatus(status: Otel.SpanStatus): this {
    this.#told.push(["status", status])
    return this
  }

  end(time: Otel.TimeInput = Date.now()): void {
    this.#hold(() => {
      for (const tell of this.#later) tell()
      this.#told.push(["end", time])
      return { ...this.#held, told: this.#told }
    })
  }

  later(tell: () => void): void {
    this.#later.push(tell)
  }

  addLink(): this {
    return this
  }

  addLinks(): this {
    return this
  }

  updateName(): this {
    return this
  }

  isRecording(): boolean {
    return true
  }
}

/** An error is no plain data. */
const plainException = (exception: Otel.Exception): Otel.Exception => {
  if (typeof exception === "string") return exception
  const { code, name = "", message = "", stack = "" } = exception
  return code === undefined ? { name, message, stack } : { code, name, message, stack }
}
