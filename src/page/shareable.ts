import { HTTP_CONTENT_TYPE } from "../../otel/attributes.ts"
import type { Attributes, Span } from "../../otel/lifetimes/span.ts"
import type { Freezable } from "./frozen.ts"
import type { ExchangeDetail, Snapshot } from "./snapshot.ts"

/**
 * Attributes of ours, and those of the conventions that rules read. The message and the stack of an exception
 * belong to the program.
 */
const ours =
  /^(?:effect|lifetime|exchange|client|http|code|service|scopeline|telemetry|error)\.|^exception\.type$/

/** Of these, the ones that tell who asked, and for what. */
const ofClient =
  /^(?:client\.(?:address|port)|http\.(?:url|target|user_agent|client_ip|\w+\.header\..*))$/

const isShown = (key: string): boolean =>
  ours.test(key) && (key === HTTP_CONTENT_TYPE || !ofClient.test(key))

const shareableAttributes = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([key]) => isShown(key)))

/** Only events with these names: Effect uses the logged text as the name of a log event. */
const known =
  /^(?:effect|lifetime|exchange|client|scope|subscription|stream|queue|fiber|finalizer)\.[a-z_.]+$|^exception$/

const shareableSpan = (span: Span): Span => ({
  ...span,
  attributes: shareableAttributes(span.attributes),
  events: span.events
    .filter(({ name }) => known.test(name))
    .map((event) => ({ ...event, attributes: shareableAttributes(event.attributes) })),
  links: span.links.map((link) => ({ ...link, attributes: shareableAttributes(link.attributes) })),
})

const shareableDetail = (detail: ExchangeDetail): ExchangeDetail => ({
  ...detail,
  spans: detail.spans.map(shareableSpan),
})

const leftOut =
  "Query strings, log lines and attributes that are not Scopeline's are not in this file."

const shareableSnapshot = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  rows: snapshot.rows.map(({ attributes: _, ...row }) => row),
  notes: [...snapshot.notes.filter((note) => note !== leftOut), leftOut],
})

/**
 * A page without query strings, log lines and foreign attributes: they may contain what nobody meant to show.
 * The failure of an exchange stays: that is why people look.
 */
export const shareable = ({ snapshot, detail }: Freezable): Freezable => ({
  snapshot: shareableSnapshot(snapshot),
  detail: async (id) => {
    const found = await detail(id)
    return found === undefined ? undefined : shareableDetail(found)
  },
})
