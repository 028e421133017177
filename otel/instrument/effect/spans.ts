import type * as Tracer from "effect/Tracer"
import { sees } from "./capabilities.ts"
import { isReplaceable } from "./properties.ts"

/** Whether it can be seen when a span ends. */
export const isObservable = (span: Tracer.Span): boolean => sees.spans && isReplaceable(span, "end")

/** Puts a function in the place of an observable span's `end`, which Effect calls. */
export const replaceEnd = (
  span: Tracer.Span,
  around: (end: Tracer.Span["end"]) => Tracer.Span["end"],
): void => {
  span.end = around(span.end.bind(span))
}
