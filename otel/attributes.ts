/**
 * The contract of Scopeline's spans: every span name, attribute and event that the instrumentation
 * writes and the diagnosis reads. Names of the OpenTelemetry semantic conventions are used where one
 * exists; `effect.*` describes scopes, fibers, PubSubs and streams; `lifetime.*` describes findings.
 * Event payloads never go into spans: types, counts and sizes only.
 */

/** Span names. Each has low cardinality: it holds the name given in the code, never a value. */
export const spanName = {
  /** A scope, from its opening to the end of its finalizers. */
  scope: (name: string) => `scope ${name}`,
  /** A PubSub subscription, from acquisition to release. */
  subscription: (pubsub: string) => `subscription ${pubsub}`,
  /** One run of a stream, from its first pull to its end. */
  stream: (name: string) => `stream ${name}`,
  /** A fiber that nothing owns, from its start to its end. */
  fiber: (name: string) => `fiber ${name}`,
  /** Stands for a span that is still open; sent while it is, because a span is exported when it ends. */
  open: (name: string) => `open ${name}`,
  /** Zero length: a finding that became known after the spans it is about had ended. */
  finding: (rule: string) => `finding ${rule}`,
} as const

/** What a span of ours is: `scope`, `subscription`, `stream`, `fiber`, `finding` or `open`. */
export const LIFETIME_KIND = "effect.lifetime.kind"
/** `true` on a span that was still open when the process shut down; its end is that moment. */
export const LIFETIME_OPEN = "lifetime.open"

// --- scopes

/** The name given in the code, or the role where none was given. */
export const SCOPE_NAME = "effect.scope.name"
/** `application`, `layer`, `request`, `handler` or `connection`. */
export const SCOPE_ROLE = "effect.scope.role"
/** Event: the scope closed. Its time is the moment before the first finalizer ran. */
export const SCOPE_CLOSE = "scope.close"
/** On `scope.close`: how many finalizers the scope held. */
export const SCOPE_FINALIZERS = "effect.scope.finalizers"
/** On `scope.close`: how long the finalizers took, in milliseconds. */
export const SCOPE_FINALIZERS_DURATION = "effect.scope.finalizers.duration_ms"
/** Span id of the scope an event or a subscription speaks of. */
export const SCOPE_SPAN_ID = "effect.scope.span_id"
/** Trace id of that scope, where it is in another trace. */
export const SCOPE_TRACE_ID = "effect.scope.trace_id"
/** What that scope belongs to: `this exchange`, `another exchange` or `the program`. */
export const SCOPE_BELONGS_TO = "effect.scope.belongs_to"

// --- fibers and exits

/** The name of a fiber that nothing owns: of the function or span in which it was started. */
export const FIBER_NAME = "effect.fiber.name"
/** Numeric id of the fiber that ran a stream or closed a scope. */
export const FIBER_ID = "effect.fiber.id"
/** `success`, `failure` (a typed error or a defect) or `interrupt`. */
export const EXIT = "effect.exit"

// --- PubSubs and subscriptions

/** The name given to the PubSub. */
export const PUBSUB_NAME = "effect.pubsub.name"
/** Tells PubSubs of the same name in one process apart. */
export const PUBSUB_ID = "effect.pubsub.id"
/** Capacity of the PubSub in messages; absent where it is unbounded. */
export const PUBSUB_CAPACITY = "effect.pubsub.capacity"
/** `true` where the PubSub gives a new subscription what was published before it. */
export const PUBSUB_REPLAYS = "effect.pubsub.replays"
/** How many messages the PubSub had accepted when the subscription ended. */
export const PUBSUB_PUBLISHED = "effect.pubsub.published"
/** Name of the scope whose closing releases the subscription. */
export const SUBSCRIPTION_OWNER = "effect.subscription.owner"
/** `true` where the owner is no scope of the exchange for which the subscription was acquired. */
export const SUBSCRIPTION_OWNER_OUTSIDE = "effect.subscription.owner.outside_exchange"
/** `true` where the owner closed before the streams that read the subscription had ended. */
export const SUBSCRIPTION_OWNER_CLOSED = "effect.subscription.owner.closed"
/** Messages taken out of the subscription. */
export const SUBSCRIPTION_DELIVERED = "effect.subscription.delivered"
/** The largest number of messages seen waiting in the subscription. */
export const SUBSCRIPTION_BACKLOG_MAX = "effect.subscription.backlog.max"
/** `true` where the PubSub had ended or was shut down before the subscription was released. */
export const SUBSCRIPTION_FINISHED = "effect.subscription.finished"
/** Messages published between the first element of the stream that reads it and its acquisition. */
export const SUBSCRIPTION_MISSED_BEFORE = "effect.subscription.missed_before"
/** Messages that were pushed out of a full subscription before they were taken. */
export const SUBSCRIPTION_MISSED = "effect.subscription.missed"
/** Messages that waited in the subscription at its end. */
export const SUBSCRIPTION_BACKLOG = "effect.subscription.backlog"
/**
 * In milliseconds, the longest time that publishers found it full without a message being taken; that
 * more than 1,000 messages waited, where it has no capacity.
 */
export const SUBSCRIPTION_FULL_FOR = "effect.subscription.full_for_ms"
/** `true` where forks of a stream read it, as in a merge, and not the stream's own fiber. */
export const SUBSCRIPTION_READ_BY_FORK = "effect.subscription.read_by_fork"
/** Event: its PubSub came to an end; carries how, and the scope whose closing did it. */
export const SUBSCRIPTION_SOURCE_END = "subscription.source_end"
/** On `subscription.source_end`: `ended` (with a last message) or `shutdown`. */
export const PUBSUB_END = "effect.pubsub.end"
/** On `subscription.source_end`: `true` where another PubSub of that name has been made since. */
export const PUBSUB_REPLACED = "effect.pubsub.replaced"
/** Event: the first message was taken out of the subscription. */
export const SUBSCRIPTION_FIRST_EVENT = "subscription.first_event"
/** Event: released; carries the span id of the scope that closed. */
export const SUBSCRIPTION_RELEASED = "subscription.released"
/** Event: a message was published to the subscription after its last reader had ended. */
export const SUBSCRIPTION_UNREAD_PUBLISH = "subscription.unread_publish"
/** Event: something that is no traced stream of its exchange took from it for the last time. */
export const SUBSCRIPTION_UNTRACED_READ = "subscription.untraced_read"

// --- streams

/** The name given to the stream. */
export const STREAM_NAME = "effect.stream.name"
/** Elements that the run produced. */
export const STREAM_EVENTS = "effect.stream.events"
/** What ended the run: `upstream`, `released`, `client`, `shutdown` or `failure`. */
export const STREAM_ENDED_BY = "effect.stream.ended_by"
/** Span ids of the subscriptions that the run read. */
export const STREAM_READS = "effect.stream.reads"
/** Event: the run produced its first element. */
export const STREAM_FIRST_EVENT = "stream.first_event"
/** Event: the run was turned away by a subscription that had been released; carries its span id. */
export const STREAM_REFUSED = "stream.refused"
/**
 * Event: one of its fibers met an interrupt that it had not received; carries the fiber that caused it, and
 * the stream's own where what it asked for was gone.
 */
export const STREAM_CUT_OFF = "stream.cut_off"
/** Event: the run ended; carries exit, cause and the subscription's span id. */
export const STREAM_END = "stream.end"
/** On `stream.refused` and `stream.end`: span id of the subscription that had been released. */
export const SUBSCRIPTION_SPAN_ID = "effect.resource.span_id"
/** On `stream.end`: trace id of that subscription, where it belongs to another exchange. */
export const SUBSCRIPTION_TRACE_ID = "effect.resource.trace_id"

// --- exchanges

/** Event on the server span: the handler returned its response. */
export const EXCHANGE_HANDLER_RETURNED = "exchange.handler_returned"
/** Event on the server span: the head of the response was handed to the platform. */
export const EXCHANGE_HEAD_SENT = "exchange.head_sent"
/** On the server span: `client`, `server` or `shutdown`. */
export const EXCHANGE_ENDED_BY = "exchange.ended_by"

/** `true` on a server span whose handler or body failed, also after the head was sent. */
export const EXCHANGE_FAILED = "exchange.failed"
/** On an `open` span: the parent of the span that it stands for. */
export const EXCHANGE_PARENT_SPAN_ID = "effect.exchange.parent_span_id"

/** On an `open` span that stands for a span of ours: the kind of that one. */
export const OPEN_KIND = "effect.lifetime.open_kind"

// --- clients (where Scopeline is the client)

/** Event: the first byte of the body arrived. */
export const CLIENT_FIRST_BYTE = "client.first_byte"
/** Event: the first server-sent event arrived. */
export const CLIENT_FIRST_EVENT = "client.first_event"
/** Event: the client saw the end, or left. */
export const CLIENT_END = "client.end"
/** `client`, `server`, `shutdown` or `error` (reset, or the last chunk missing). */
export const CLIENT_ENDED_BY = "client.ended_by"
/** Published events that the client received; `server.*` events do not count. */
export const CLIENT_EVENTS = "client.events"
/** Events that the server sent of its own accord: `server.connected`, heartbeats. */
export const CLIENT_OWN_EVENTS = "client.own_events"

// --- findings

/** The rule; on the stream's span, on the server span and on a `finding` span. */
export const FINDING = "lifetime.finding"
/** Event on the span where the rule held. */
export const FINDING_EVENT = "lifetime.finding"
/** `error` or `warning`. */
export const FINDING_SEVERITY = "lifetime.severity"
/** `certain` or `likely`. */
export const FINDING_CONFIDENCE = "lifetime.confidence"
/** The sentence. */
export const FINDING_MESSAGE = "lifetime.message"
/** The lifetime that owns the bug, by its span's name. */
export const FINDING_OPERATION = "lifetime.operation"
/** Evidence, one attribute for each key. */
export const FINDING_EVIDENCE_PREFIX = "lifetime.evidence."
/** Span ids of the lifetimes that a finding is about, the owner first. */
export const FINDING_SPAN_IDS = "lifetime.span_ids"

// --- semantic conventions that are read or written

export const HTTP_ROUTE = "http.route"
export const HTTP_METHOD = "http.request.method"
export const HTTP_STATUS = "http.response.status_code"
/** Array of strings, as the conventions have it for captured headers. */
export const HTTP_CONTENT_TYPE = "http.response.header.content-type"
export const URL_PATH = "url.path"
export const URL_FULL = "url.full"
export const EXCEPTION_EVENT = "exception"
export const EXCEPTION_TYPE = "exception.type"
export const EXCEPTION_MESSAGE = "exception.message"
/** On `stream.end`: the failure was a defect and no typed error. */
export const FAILURE_DEFECT = "effect.failure.defect"
/** On a scope: the `Effect.fn` or `withSpan` in which it was opened, and where that stands. */
export const CODE_FUNCTION = "code.function.name"
export const CODE_FILE = "code.file.path"
export const CODE_LINE = "code.line.number"
export const SERVICE_NAME = "service.name"
export const SERVICE_INSTANCE_ID = "service.instance.id"
/** Resource attribute: which implementation of the stream a server runs. */
export const VARIANT = "scopeline.variant"
