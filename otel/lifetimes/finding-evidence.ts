/** How the lifetimes of a finding are related to it, and from when until when it lasts. */
import type { Match } from "./finding.ts"
import { foreignEvidence } from "./foreign-evidence.ts"
import type { Exchange, Scope, StreamRun, Subscription } from "./model.ts"
import type { SpanReference } from "./span.ts"
import type { EvidenceRole } from "./terms.ts"
import type { Micros } from "./time.ts"

export interface EvidenceSpan {
  readonly span: SpanReference
  readonly role: EvidenceRole
  /** Whether the lifetime has ended, and so has been sent, when the finding is reported. */
  readonly ended: boolean
}

export interface FindingEvidence {
  /** The most telling relation first. */
  readonly spans: ReadonlyArray<EvidenceSpan>
  /** When the problem began, and when it showed. */
  readonly causedAt: Micros
  readonly shownAt: Micros
}

/** A finding that is reported at that moment. One that did not last has no length. */
export const evidenceOf = (exchange: Exchange, match: Match, at: Micros): FindingEvidence => {
  const named = new Set(match.spanIds)
  const isNamed = ({ span }: { readonly span: SpanReference }) => named.has(span.spanId)
  const streams = exchange.streams.filter(isNamed)
  const subscriptions = exchange.subscriptions.filter(isNamed)
  const scopes = exchange.scopes.filter(isNamed)
  const failed = streams.some(({ endedBy }) => endedBy === "failure")
  const ended = failed || isNamed(exchange) ? exchange : undefined
  const foreign = foreignEvidence(ended, streams, subscriptions)
  const cutOff = streams.find((stream) => isCutOff(stream, foreign, scopes))
  const effect = cutOff ?? (isNamed(exchange) ? exchange : undefined)
  const cause = scopes.find((scope) => isCause(scope, subscriptions, effect))
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
  const causedAt = cause?.closedAt ?? foreign[0]?.at
  if (causedAt !== undefined && effect?.endedAt !== undefined) {
    return { spans, causedAt: Math.min(causedAt, effect.endedAt), shownAt: effect.endedAt }
  }
  const isLeak = spans.some(({ role }) => role === "left open")
  return { spans, causedAt: isLeak ? (exchange.endedAt ?? at) : at, shownAt: at }
}

interface Found {
  readonly span: SpanReference
  readonly endedAt: Micros | undefined
}

/** It ended because something took away what it read: not its client, and not the end of the program. */
const isCutOff = (
  { endedBy, endedAt }: StreamRun,
  foreign: ReadonlyArray<unknown>,
  scopes: ReadonlyArray<Scope>,
): boolean => {
  if (endedBy === "released") return true
  if (endedBy !== "upstream" && endedBy !== "failure") return false
  return foreign.length > 0 || scopes.some((scope) => hadClosed(scope, endedAt))
}

const hadClosed = ({ closedAt }: Scope, by: Micros | undefined): boolean =>
  closedAt !== undefined && by !== undefined && closedAt <= by

const isCause = (
  scope: Scope,
  subscriptions: ReadonlyArray<Subscription>,
  effect: Found | undefined,
): boolean =>
  hadClosed(scope, effect?.endedAt) ||
  (scope.closedAt !== undefined &&
    subscriptions.some(({ releasedBy }) => releasedBy === scope.span.spanId))
