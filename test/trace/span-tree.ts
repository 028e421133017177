import type { Span, SpanEvent } from "../../otel/lifetimes/span.ts"

/** The names of spans as a tree, children in the order in which they began; kinds but `internal`. */
export const tree = (spans: ReadonlyArray<Span>): ReadonlyArray<string> => {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const roots = spans.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? ""))
  const below = (level: ReadonlyArray<Span>, indent: string): ReadonlyArray<string> =>
    level
      .toSorted((a, b) => a.startedAt - b.startedAt)
      .flatMap((span) => [
        `${indent}${span.name}${span.kind === "internal" ? "" : ` (${span.kind})`}`,
        ...below(
          spans.filter(({ parentSpanId }) => parentSpanId === span.spanId),
          `${indent}  `,
        ),
      ])
  return below(roots, "")
}

/** The one span of that name. */
export const spanOf = (spans: ReadonlyArray<Span>, name: string): Span => {
  const [only, ...others] = spans.filter((span) => span.name === name)
  if (only === undefined || others.length > 0) throw new Error(`not one span named ${name}`)
  return only
}

/** The one event of that name on a span. */
export const eventOf = (span: Span, name: string): SpanEvent => {
  const [only, ...others] = span.events.filter((event) => event.name === name)
  if (only === undefined || others.length > 0) throw new Error(`not one event named ${name}`)
  return only
}

export const eventNames = (span: Span): ReadonlyArray<string> => span.events.map(({ name }) => name)
