import { spanName } from "../../attributes.ts"
import { codeEvidence } from "../code-evidence.ts"
import { type Exchange, growing, placeInCode, type Scope, type Subscription } from "../model.ts"
import { quoted } from "../quoted.ts"
import { lastEnd, subscriptionsIn } from "../relations.ts"
import {
  type Moment,
  NotYet,
  notYetUnless,
  ofEach,
  type Rule,
  type RuleHit,
  type Verdict,
} from "../rule.ts"
import { nothingLeft } from "../shown-by.ts"
import { placedSubscription } from "../subscription-text.ts"
import { formatMillis, type Micros, timesSince } from "../time.ts"
import { tooManyExchanges } from "./scope-pile-up.ts"
import { gracesOfSession, subscriptionLeak } from "./subscription-leak.ts"

export const requestScopeLeak: Rule<"request-scope-leak"> = {
  name: "request-scope-leak",
  severity: "error",
  symptom: "The server answers requests, and keeps something open for each of them, for ever.",
  summary:
    "The exchange ended, and its request scope, or one that was opened for it, never closes.",
  meaning: `The exchange and all its streams ended, and one of its scopes was still open after the grace period. Nothing
that was acquired in that scope is released. The rule silences \`subscription-leak\` for what the scope holds. Four
kinds of scope can leak:

- **The request's own scope**: a body that never ran was supposed to close it. \`certain\` for requests without a body
  (HEAD). \`likely\` if the body is known to have ended.
- **A scope that the handler opened for a stream** (\`Scope.make\`). \`likely\` if a subscription in it leaks, or if
  three exchanges each left one that was opened at the same place, and none of those was ever closed.
- **A scope that another fiber opened for the exchange**, as in a race, a merged stream or a cache. \`likely\` if a
  subscription in it leaks.
- **A scope that a handler opened, with a stream or without.** It may be a session that another request closes. \`likely\`
  if nobody reads a subscription in it, and that has been full, or has had 1,000 or more messages waiting, for longer than
  the grace period.

If a client left its stream, the three scopes at one place count only after 60 grace periods or when the program ends:
sessions are kept for clients that come back. A scope that closes late is not reported.`,
  suggestion: `Return the response as it is. Effect's servers keep the request's scope open while the body streams,
and close it also when the body never runs, as for HEAD and for clients that leave early:

  // without HttpEffect.scopeTransferToStream
  return HttpServerResponse.stream(events)

Close a scope of your own in a finalizer of the request's scope:

  // not Scope.make() and Stream.ensuring(Scope.close(own, Exit.void))
  const own = yield* Effect.acquireRelease(Scope.make(), Scope.close)`,
  incidents: [
    {
      title: "Effect #7678",
      url: "https://github.com/Effect-TS/effect/issues/7678",
      story:
        "`scopeTransferToStream` left closing to the body, and HEAD drops the body: nobody closed the " +
        "request scope of a streaming HEAD through the web handler (fixed by #7679).",
    },
    {
      title: "midnight-wallet #151",
      url: "https://github.com/midnightntwrk/midnight-wallet/pull/151",
      story:
        "A caller that took only the first value left a subscription that nobody read, and every later update " +
        "waited for it.",
    },
  ],
  shownBy: nothingLeft,
  judge: (exchange, moment) => {
    const ended = lastEnd(exchange, exchange.streams)
    if (ended === undefined) return notYetUnless(moment)
    const scopes = exchange.scopes.filter((scope) => mayLeak(exchange, scope))
    if (scopes.length === 0) return nothing
    let known: ReadonlySet<string> | undefined
    const leaked = () => (known ??= leakedOf(exchange, moment))
    return ofEach(
      scopes,
      (_, scope) => judgeScope(exchange, scope, ended, leaked, moment),
      exchange,
      moment,
    )
  },
}

const nothing: Verdict = []

const mayLeak = (exchange: Exchange, { role, unowned, openedApart, closedAt }: Scope): boolean =>
  closedAt === undefined &&
  (unowned || openedApart || (role === "request" && hasNoBodyLeft(exchange)))

/**
 * A body that was not traced may still run: if a runtime pulls it, its exchange can end before it. A stream
 * that the handler itself read to its end is not a body.
 */
const hasNoBodyLeft = (exchange: Exchange): boolean =>
  isHead(exchange) ||
  exchange.streams.some(
    ({ endedAt }) => endedAt !== undefined && endedAt > (exchange.handlerReturnedAt ?? 0),
  )

const isHead = ({ route }: Exchange): boolean => route.startsWith("HEAD ")

const judgeScope = (
  exchange: Exchange,
  scope: Scope,
  ended: Micros,
  leaked: () => ReadonlySet<string>,
  moment: Moment,
): Verdict => {
  if (moment.now - ended <= moment.grace) return notYetUnless(moment, ended + moment.grace)
  if (scope.role === "request" || holdsLeak(exchange, scope, leaked(), moment.now)) {
    return [describe(exchange, scope, ended, moment)]
  }
  // A cache keeps its scopes on purpose. It is the subscription that shows that this is no such scope.
  if (scope.openedApart) return notYetUnless(moment)
  const blocking = keptBy(exchange, scope, moment.now).filter((it) => isFull(it, ended))
  if (blocking.some(({ fullFor }) => fullFor > moment.grace)) {
    return [describe(exchange, scope, ended, moment)]
  }
  if (blocking.length > 0) return notYetUnless(moment, moment.now + moment.grace)
  if (!isOfStream(exchange) || scope.left < tooManyExchanges) return notYetUnless(moment)
  const due = ended + patience(exchange) * moment.grace
  if (moment.now <= due && !moment.final) return new NotYet(due)
  return [describe(exchange, scope, ended, moment)]
}

const patience = ({ endedBy, streams }: Exchange): number =>
  endedBy === "client" && streams.length > 0 ? gracesOfSession : 1

const isOfStream = ({ endedBy, streams }: Exchange): boolean =>
  endedBy === "client" || streams.length > 0

/** What a handler opens may be meant for others. It is not if a subscription leaks in it. */
const holdsLeak = (
  exchange: Exchange,
  scope: Scope,
  leaked: ReadonlySet<string>,
  now: Micros,
): boolean =>
  leaked.size > 0 && keptBy(exchange, scope, now).some(({ span }) => leaked.has(span.spanId))

const leakedOf = (exchange: Exchange, moment: Moment): ReadonlySet<string> => {
  const leaks = subscriptionLeak.judge(exchange, moment)
  return new Set(leaks instanceof NotYet ? [] : leaks.map(({ spanIds: [leaked = ""] }) => leaked))
}

/**
 * Nobody takes from it any more, and publishers wait until somebody does, or it grows: no session is kept like
 * that.
 */
const isFull = (
  { endedAt, capacity = growing, backlog, fullFor, missed, untracedReadAt = 0 }: Subscription,
  ended: Micros,
): boolean =>
  endedAt === undefined &&
  missed === 0 &&
  fullFor > 0 &&
  backlog >= capacity &&
  untracedReadAt <= ended

/**
 * What is in it, and in scopes of its exchange that were still open then: its finalizers close those scopes.
 */
const keptBy = (exchange: Exchange, leaked: Scope, then: Micros): ReadonlyArray<Subscription> => {
  if (leaked.role !== "request") return subscriptionsIn(exchange, leaked)
  const open = new Set<string | undefined>([leaked.span.spanId])
  for (const scope of exchange.scopes) if (isOpenAt(scope, then)) open.add(scope.span.spanId)
  return exchange.subscriptions.filter(({ owner }) => open.has(owner.spanId))
}

const isOpenAt = ({ closedAt }: Scope, then: Micros): boolean =>
  closedAt === undefined || closedAt > then

const describe = (exchange: Exchange, scope: Scope, ended: Micros, { grace }: Moment): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  const inside = keptBy(exchange, scope, ended + grace)
  const fullFor = Math.max(0, ...inside.filter((it) => isFull(it, ended)).map((it) => it.fullFor))
  const kept =
    inside.length === 0
      ? "whatever was acquired in it stays"
      : `it keeps ${inside.map(placedSubscription).join(", ")}`
  const waited =
    fullFor > grace
      ? `, which publishers have found full for ${formatMillis(fullFor / 1000)}, and which nobody reads`
      : ""
  return {
    // A part of the body that was not traced may still run.
    confidence: scope.role === "request" && isHead(exchange) ? "certain" : "likely",
    operation: spanName.scope(scope.name),
    message:
      `${exchange.route} ended at ${text(ended)}, and ${scopeText(scope)} was still open after the ` +
      `grace period: ${scope.openedApart ? "" : "nobody closes it, and "}${kept}${waited}.`,
    evidence: {
      scope: scope.name,
      ...codeEvidence(scope.code),
      ...(scope.left === 0 ? {} : { "exchanges.left_one": scope.left }),
      "scope.opened_ms": millis(scope.startedAt),
      "exchange.ended_ms": millis(ended),
      "resources.kept": inside.length,
    },
    stream: undefined,
    spanIds: [scope.span.spanId, ...inside.map(({ span }) => span.spanId)],
    isForHandler: true,
  }
}

const scopeText = (scope: Scope): string =>
  scope.role === "request"
    ? "its request scope"
    : `${quoted("scope", scope.name)}${placeInCode(scope)}, which ${openerText(scope)},`

/** If it was opened apart, it may also belong to a cache that closes it some day. */
const openerText = ({ openedApart }: Scope): string =>
  openedApart ? "another fiber had opened for it" : "its handler had opened"
