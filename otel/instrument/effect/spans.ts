import type * as Tracer from "effect/Tracer"
import type { SpanReference } from "../../lifetimes/span.ts"
import { sees } from "./capabilities.ts"
import { isReplaceable } from "./properties.ts"

/** Whether it can be seen when a span ends. */
export const isObservable = (span: Tracer.Span): boolean => sees.spans && isReplaceable(span, "end")

/** Replaces an observable span's `end`, which Effect calls, until the span ends. */
export const replaceEnd = (
  span: Tracer.Span,
  around: (end: Tracer.Span["end"]) => Tracer.Span["end"],
): void => {
  const end = span.end.bind(span)
  span.end = around((endTime, exit) => {
    span.end = end
    end(endTime, exit)
  })
}

/** Repeats every call on an observable span on `mirror`, afterwards. */
export const mirrorSpan = (span: Tracer.Span, mirror: Tracer.Span): void => {
  const attribute = span.attribute.bind(span)
  const event = span.event.bind(span)
  const addLinks = span.addLinks.bind(span)
  const methods: Pick<Tracer.Span, "attribute" | "event" | "addLinks"> = {
    attribute: (...told) => {
      attribute(...told)
      mirror.attribute(...told)
    },
    event: (...told) => {
      event(...told)
      mirror.event(...told)
    },
    addLinks: (...told) => {
      addLinks(...told)
      mirror.addLinks(...told)
    },
  }
  Object.assign(span, methods)
  replaceEnd(span, (end) => (...told) => {
    end(...told)
    mirror.end(...told)
  })
}

/** The parts of a span, to make another like it. */
export const optionsOf = (span: Tracer.Span): Parameters<Tracer.Tracer["span"]>[0] => ({
  name: span.name,
  parent: span.parent,
  annotations: span.annotations,
  links: [...span.links],
  startTime: span.status.startTime,
  kind: span.kind,
  root: span.parent._tag === "None",
  sampled: span.sampled,
})

/** Gives these ids to a span that has just been made. */
export const giveIds = <A extends Tracer.Span>(span: A, { traceId, spanId }: SpanReference): A =>
  Object.defineProperties(span, {
    traceId: { value: traceId, enumerable: true },
    spanId: { value: spanId, enumerable: true },
  })
