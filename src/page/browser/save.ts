import type { Attributes, Span } from "../../../otel/lifetimes/span.ts"
import { type Frozen, pack } from "../packed.ts"
import type { ExchangeDetail } from "../snapshot.ts"
import { documentMarkup } from "../view/document.ts"
import { type PageState, stateOf } from "../view/state.ts"

/** What is ours or of the conventions that rules read; other attributes may tell what nobody meant to show. */
const kept =
  /^(?:effect|lifetime|exchange|client|http|code|service|scopeline|telemetry|error|exception)\./

const withoutPrivate = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([key]) => kept.test(key)))

const safe = (span: Span): Span => ({
  ...span,
  attributes: withoutPrivate(span.attributes),
  resource: withoutPrivate(span.resource),
  events: span.events
    .filter(({ name }) => !/log/i.test(name))
    .map((event) => ({ ...event, attributes: withoutPrivate(event.attributes) })),
})

/** What the page holds, for a file that is shown to others. */
export const frozenOf = ({ snapshot, details, now }: PageState): Frozen => ({
  snapshot: { ...snapshot, now },
  details: [...details.values()].map(
    (detail): ExchangeDetail => ({ ...detail, spans: detail.spans.map(safe) }),
  ),
})

/** Saves the page as one file. It is its own template: no server is asked. */
export const savePage = async (state: PageState): Promise<string> => {
  const frozen = frozenOf(state)
  const policy = document.querySelector<HTMLMetaElement>("meta[http-equiv]")?.content ?? ""
  const page = documentMarkup({
    style: document.querySelector("style")?.textContent ?? "",
    script: document.querySelector('script[type="module"]')?.textContent ?? "",
    policy: policy.replace(/ connect-src [^;]*;/, ""),
    state: stateOf(frozen.snapshot, "frozen", frozen.details),
    packed: await pack(frozen),
  })
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([page.text], { type: "text/html" }))
  link.download = "scopeline.html"
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
  return link.download
}
