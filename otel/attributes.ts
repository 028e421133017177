/**
 * Names of spans, and of those attributes and events that more than one table or module uses: a name that
 * stands in one table only is written there (`lifetimes/spans/`). Names of the OpenTelemetry semantic
 * conventions are used where one exists; `effect.*` describes scopes, fibers, PubSubs and streams,
 * `lifetime.*` findings. Payloads of events never go into spans: types, counts and sizes only.
 */

/** What has no name is called by what it is. */
export const unnamed = {
  scope: "unnamed scope",
  queue: "unnamed queue",
  fiber: "unnamed fiber",
} as const

const of = (kind: keyof typeof unnamed) => (name: string) =>
  name === unnamed[kind] ? name : `${kind} ${name}`

/** Names of spans. Each holds the name given in the code, never a value: there are few of them. */
export const spanName = {
  scope: of("scope"),
  subscription: (pubsub: string) => `subscription ${pubsub}`,
  queue: of("queue"),
  stream: (name: string) => `stream ${name}`,
  fiber: of("fiber"),
  finalizer: (name: string) => `finalizer ${name}`,
  open: (name: string) => `open ${name}`,
  finding: (rule: string) => `finding ${rule}`,
} as const

/** What a span of ours is: the kind of a lifetime, or `finding` or `open`. */
export const LIFETIME_KIND = "effect.lifetime.kind"
/** `true` on a span that was still open when the process stopped; its end is that moment. */
export const LIFETIME_OPEN = "lifetime.open"

export const SCOPE_NAME = "effect.scope.name"
export const SCOPE_ROLE = "effect.scope.role"
export const SCOPE_SPAN_ID = "effect.scope.span_id"
export const FIBER_ID = "effect.fiber.id"
export const EXIT = "effect.exit"
export const PUBSUB_NAME = "effect.pubsub.name"
export const SUBSCRIPTION_OWNER = "effect.subscription.owner"
export const SCOPE_BELONGS_TO = "effect.scope.belongs_to"
export const STREAM_ENDED_BY = "effect.stream.ended_by"
/** Says resource and means a subscription: saved searches rely on the name. */
export const SUBSCRIPTION_SPAN_ID = "effect.resource.span_id"
export const EXCHANGE_ENDED_BY = "exchange.ended_by"
export const CLIENT_ENDED_BY = "client.ended_by"

/** The rule; on the server span and on a `finding` span. */
export const FINDING = "lifetime.finding"
/** The event that tells all of it on the marker of an exchange that is open. */
export const FINDING_EVENT = "lifetime.finding"
export const FINDING_SEVERITY = "lifetime.severity"
export const FINDING_MESSAGE = "lifetime.message"
export const FINDING_FIX = "lifetime.fix"
/** Before each key of the evidence. */
export const EVIDENCE_PREFIX = "lifetime.evidence."

/** What the span that a link leads to has to do with the one that links. */
export const LINK_ROLE = "lifetime.role"
/** `false` on a link whose span had not been sent when the link was. */
export const LINK_EXPORTED = "lifetime.exported"
/** Traces that a span names, and that had not been sent when it was. */
export const EVIDENCE_NOT_SENT = "lifetime.traces_not_sent"

// From the semantic conventions.
export const ERROR_TYPE = "error.type"
/** Of an exchange whose method and path do not tell it apart. */
export const EXCHANGE_NAME = "exchange.name"
export const HTTP_ROUTE = "http.route"
export const HTTP_METHOD = "http.request.method"
export const HTTP_STATUS = "http.response.status_code"
export const HTTP_CONTENT_TYPE = "http.response.header.content-type"
export const URL_PATH = "url.path"
export const URL_FULL = "url.full"
// Of older conventions. We read these, and never write them.
export const OLD_HTTP_METHOD = "http.method"
export const OLD_HTTP_STATUS = "http.status_code"
export const OLD_HTTP_TARGET = "http.target"
export const OLD_HTTP_URL = "http.url"
export const CODE_FUNCTION = "code.function.name"
export const CODE_FILE = "code.file.path"
export const CODE_LINE = "code.line.number"
export const SERVICE_NAME = "service.name"
export const SERVICE_VERSION = "service.version"
export const SERVICE_INSTANCE_ID = "service.instance.id"
/** Identifies the machine. Reports leave it out. */
export const HOST_PREFIX = "host."
export const HOST_ID = `${HOST_PREFIX}id`

/** On a server's resource, and on its client's span: which implementation of the stream the server runs. */
export const VARIANT = "scopeline.variant"
