import { spanName } from "../../attributes.ts"
import { type Exchange, lastEnd, type Scope, type Subscription } from "../model.ts"
import {
  type Moment,
  NotYet,
  notYetUnless,
  type Rule,
  type RuleHit,
  type Verdict,
} from "../rule.ts"
import { nothingLeft } from "../shown-by.ts"
import { placedSubscription } from "../subscription-text.ts"
import { type Micros, timesSince } from "../time.ts"

export const requestScopeLeak: Rule<"request-scope-leak"> = {
  name: "request-scope-leak",
  severity: "error",
  symptom: "Requests are answered, and the server keeps something open for each of them, for good.",
  summary: "The exchange ended, and its request scope never closes.",
  meaning: `The exchange and every stream of it ended, and its request scope was still open after the
grace period: nothing that was acquired in it is released. Closing that scope had been handed to a
body that never ran. It is \`certain\` of requests without a body (HEAD), and \`likely\` of exchanges
whose bodies are known to have ended. A scope that closes late is none that leaks. It silences \`subscription-leak\` for what the scope holds.`,
  suggestion: `Do not hand the request's scope to a body that may never run: Effect's servers keep it open
while the body streams, and close it for HEAD too.

  // without HttpEffect.scopeTransferToStream
  return HttpServerResponse.stream(events)`,
  incidents: [
    {
      title: "Effect #7678",
      url: "https://github.com/Effect-TS/effect/issues/7678",
      story:
        "`scopeTransferToStream` left closing to the body, and HEAD drops the body: nobody closed the " +
        "request scope of a streaming HEAD through the web handler (fixed by #7679).",
    },
  ],
  shownBy: nothingLeft,
  judge: (exchange, moment) => {
    const scope = exchange.scopes.find(({ role }) => role === "request")
    const ended = lastEnd(exchange, exchange.streams)
    if (ended === undefined) return notYetUnless(moment)
    if (scope === undefined || !hasNoBodyLeft(exchange)) return []
    return judgeScope(exchange, scope, ended, moment)
  },
}

/**
 * A body that nobody traced may still run: its exchange can end before it, where a runtime pulls it. A
 * stream that the handler itself read to its end is no body.
 */
const hasNoBodyLeft = (exchange: Exchange): boolean =>
  isHead(exchange) ||
  exchange.streams.some(
    ({ endedAt }) => endedAt !== undefined && endedAt > (exchange.handlerReturnedAt ?? 0),
  )

const isHead = ({ route }: Exchange): boolean => route.startsWith("HEAD ")

const judgeScope = (exchange: Exchange, scope: Scope, ended: Micros, moment: Moment): Verdict => {
  if (scope.closedAt !== undefined) return []
  if (moment.now - ended > moment.grace) return [describe(exchange, scope, ended, moment)]
  if (moment.final) return []
  return new NotYet(ended + moment.grace)
}

/** What is in it, and in scopes of its exchange that were still open then: its finalizers close those. */
const heldWith = (
  { scopes, subscriptions }: Exchange,
  leaked: Scope,
  then: Micros,
): ReadonlyArray<Subscription> => {
  const open = scopes
    .filter((scope) => scope === leaked || scope.closedAt === undefined || scope.closedAt > then)
    .map(({ span }) => span.spanId)
  return subscriptions.filter(
    ({ owner }) => owner.spanId !== undefined && open.includes(owner.spanId),
  )
}

const describe = (exchange: Exchange, scope: Scope, ended: Micros, { grace }: Moment): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  const inside = heldWith(exchange, scope, ended + grace)
  const kept =
    inside.length === 0
      ? "whatever was acquired in it stays"
      : `it keeps ${inside.map(placedSubscription).join(", ")}`
  return {
    // Of a body, a part that nobody traced may still run.
    confidence: isHead(exchange) ? "certain" : "likely",
    operation: spanName.scope(scope.name),
    message:
      `${exchange.route} ended at ${text(ended)}, and its request scope was still open after the ` +
      `grace period: nobody closes it, and ${kept}.`,
    evidence: {
      scope: scope.name,
      "scope.opened_ms": millis(scope.startedAt),
      "exchange.ended_ms": millis(ended),
      "resources.kept": inside.length,
    },
    stream: undefined,
    spanIds: [scope.span.spanId, ...inside.map(({ span }) => span.spanId)],
  }
}
