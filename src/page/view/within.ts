import type { Span } from "../../../otel/lifetimes/span.ts"
import { enclosingRows, withRows } from "../../../otel/timeline/condensed.ts"
import type { Layout } from "../../../otel/timeline/layout.ts"
import type { ExchangeDetail } from "../snapshot.ts"
import { spanWords } from "./span-view.ts"

interface Matching {
  readonly layout: Layout
  readonly spans: ReadonlyArray<Span>
}

/** What in an exchange has every word of the query, and the rows around that. */
export const matching = ({ layout, spans }: ExchangeDetail, query: string): Matching => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return { layout, spans }
  const holds = (text: string) => words.every((word) => text.includes(word))
  const found = spans.filter((span) => holds(spanWords(span)))
  const ids = new Set(found.map(({ spanId }) => spanId))
  const outer = enclosingRows(layout)
  const kept = new Set<number>()
  for (const [index, { spanId, label, facts }] of layout.rows.entries()) {
    if (!ids.has(spanId) && !holds([label, ...facts].join(" ").toLowerCase())) continue
    for (let at: number | undefined = index; at !== undefined && !kept.has(at); at = outer[at]) {
      kept.add(at)
    }
  }
  const shown = withRows(layout, kept)
  return { layout: { ...shown, omitted: layout.omitted }, spans: found }
}
