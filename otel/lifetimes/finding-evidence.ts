/** What the lifetimes of a finding have to do with it, and from when until when it lasts. */
import type { Match } from "./finding.ts"
import { foreignEvidence } from "./foreign-evidence.ts"
import type { Exchange, Scope, StreamRun, Subscription } from "./model.ts"
import type { SpanReference } from "./span.ts"
import type { EvidenceRole } from "./terms.ts"
import type { Micros } from "./time.ts"

export interface EvidenceSpan {
  readonly span: SpanReference
  readonly role: EvidenceRole
  /** Whether it has ended, and so is sent, when the finding is told. */
  readonly ended: boolean
}

export interface FindingEvidence {
  /** The most telling first. */
  readonly spans: ReadonlyArray<EvidenceSpan>
  /** When what it is about began to go wrong, and when that showed. */
  readonly causedAt: Micros
  readonly shownAt: Micros
}

/** A finding that is told at that moment; what did not last is of no length. */
export const evidenceOf = (exchange: Exchange, match: Match, at: Micros): FindingEvidence => {
  const named = new Set(match.spanIds)
  const isNamed = ({ span }: { readonly span: SpanReference }) => named.has(span.spanId)
  const streams = exchange.streams.filter(isNamed)
  const subscriptions = exchange.subscriptions.filter(isNamed)
  const scopes = exchange.scopes.filter(isNamed)
  const failed = streams.some(({ endedBy }) => endedBy === "failure")
  const ended = failed || isNamed(exchange) ? exchange : undefined
  const foreign = foreignEvidence(ended, streams, subscriptions)
  const hasClosed = scopes.some(({ closedAt }) => closedAt !== undefined)
  const cutOff =
    streams.find(({ endedBy }) => endedBy === "released" || (hasClosed && endedBy === "failure")) ??
    endedWith(foreign, streams)
  const cause = scopes.find((scope) => isCause(scope, subscriptions, cutOff))
  const found = new Map<string, EvidenceSpan>()
  const add = (of: Found, role: EvidenceRole) =>
    found.set(of.span.spanId, { span: of.span, role, ended: of.endedAt !== undefined })
  const isLeft = ({ endedAt }: Found) => endedAt === undefined || endedAt > (exchange.endedAt ?? at)
  add(exchange, "exchange")
  if (exchange.client !== undefined) add(exchange.client, "client")
  if (exchange.handler !== undefined) add(exchange.handler, "handler")
  for (const one of streams) add(one, one === cutOff ? "cut off" : "reader")
  for (const one of subscriptions) {
    add(one, isLeft(one) ? "left open" : cause === undefined ? "read" : "released")
  }
  for (const one of exchange.queues.filter(isNamed)) add(one, "read")
  for (const one of scopes) add(one, one === cause ? "cause" : isLeft(one) ? "left open" : "owner")
  for (const one of [...exchange.orphans, ...exchange.finalizers].filter(isNamed)) {
    add(one, "left open")
  }
  const spans = [
    ...foreign.map(({ span, role }) => ({ span, role, ended: true })),
    ...match.spanIds.flatMap((spanId) => found.get(spanId) ?? []),
  ]
  if (cause?.closedAt !== undefined && cutOff?.endedAt !== undefined) {
    return { spans, causedAt: cause.closedAt, shownAt: cutOff.endedAt }
  }
  if (foreign[0] !== undefined && cutOff?.endedAt !== undefined) {
    return { spans, causedAt: Math.min(foreign[0].at, cutOff.endedAt), shownAt: cutOff.endedAt }
  }
  const isLeak = spans.some(({ role }) => role === "left open")
  return { spans, causedAt: isLeak ? (exchange.endedAt ?? at) : at, shownAt: at }
}

/** What others took away ended a stream that neither its client nor the program ended. */
const endedWith = (
  foreign: ReadonlyArray<unknown>,
  streams: ReadonlyArray<StreamRun>,
): StreamRun | undefined =>
  foreign.length === 0
    ? undefined
    : streams.find(({ endedBy }) => endedBy === "upstream" || endedBy === "failure")

interface Found {
  readonly span: SpanReference
  readonly endedAt: Micros | undefined
}

const isCause = (
  { span, closedAt }: Scope,
  subscriptions: ReadonlyArray<Subscription>,
  cutOff: StreamRun | undefined,
): boolean =>
  closedAt !== undefined &&
  (cutOff !== undefined || subscriptions.some(({ releasedBy }) => releasedBy === span.spanId))
