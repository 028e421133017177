import { HTTP_CONTENT_TYPE } from "../../otel/attributes.ts"
import type { Attributes, Span } from "../../otel/lifetimes/span.ts"
import type { ExchangeDetail, Snapshot } from "./snapshot.ts"

/** What is ours, or of the conventions that rules read. */
const ours =
  /^(?:effect|lifetime|exchange|client|http|code|service|scopeline|telemetry|error|exception)\./

/** Of these, what tells of who asked and for what. */
const ofClient =
  /^(?:client\.(?:address|port)|http\.(?:url|target|user_agent|client_ip|\w+\.header\..*))$/

const isShown = (key: string): boolean =>
  ours.test(key) && (key === HTTP_CONTENT_TYPE || !ofClient.test(key))

const shareableAttributes = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([key]) => isShown(key)))

const shareableSpan = (span: Span): Span => ({
  ...span,
  attributes: shareableAttributes(span.attributes),
  events: span.events
    .filter(({ name }) => !/log/i.test(name))
    .map((event) => ({ ...event, attributes: shareableAttributes(event.attributes) })),
  links: span.links.map((link) => ({ ...link, attributes: shareableAttributes(link.attributes) })),
})

/** An exchange without query strings, log lines and attributes of others: they may tell what nobody meant to show. */
export const shareableDetail = (detail: ExchangeDetail): ExchangeDetail => ({
  ...detail,
  spans: detail.spans.map(shareableSpan),
})

/** The same of the list. */
export const shareableSnapshot = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  rows: snapshot.rows.map(({ attributes: _, ...row }) => row),
})
