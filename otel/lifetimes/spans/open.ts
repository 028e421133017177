import { LIFETIME_OPEN } from "../../attributes.ts"
import { attribute, put } from "./field.ts"
import { kindOnly } from "./interval.ts"
import { id, text } from "./notation.ts"
import { spanTable } from "./table.ts"

/** Value of `effect.lifetime.kind` on a span which says that another span, its parent, is still open. */
export const openKind = "open"

/** What the marker of an open span says besides what is known of that span. */
export const openMarker = spanTable()(
  "open NAME",
  "Stands for the span above it while that is open, and says what is known of it until then.",
  {
    kind: kindOnly(openKind),
    open: {
      side: "write",
      rows: [
        {
          stands: "attribute",
          name: LIFETIME_OPEN,
          values: "`true`",
          says: "It is open.",
          unread: "its kind says it",
        },
      ],
      tell: (_, to) => put(to, LIFETIME_OPEN, true),
    },
    kindOfSpan: attribute(
      "effect.lifetime.open_kind",
      text,
      "Of a span of ours: its kind. What that says stands here too.",
    ),
    parentSpanId: attribute(
      "effect.exchange.parent_span_id",
      id,
      "The parent of the span that it stands for.",
    ),
  },
)
