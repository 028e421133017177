import { spanName } from "../../attributes.ts"
import { codeEvidence } from "../code-evidence.ts"
import { counted } from "../counted.ts"
import { type Exchange, type Finalizer, isEventStream } from "../model.ts"
import { quoted } from "../quoted.ts"
import {
  type Moment,
  NotYet,
  notYetUnless,
  type Rule,
  type RuleHit,
  type Verdict,
} from "../rule.ts"
import { nothingLeft } from "../shown-by.ts"
import { type Micros, timesSince } from "../time.ts"

/** If so many exchanges leave something at one place, and none of it is ever removed, it is not a singleton. */
export const tooManyExchanges = 3

/** While the program runs, later exchanges may still show that it keeps one for each of a few keys. */
export const farTooManyExchanges = 8

/** How many grace periods work may take that a request starts without waiting for it. */
const gracesOfWork = 60

/** The same once its scope has closed, or when nothing more will be known: work that goes on then is rare. */
const gracesAtEnd = 5

export const scopePileUp: Rule<"scope-pile-up"> = {
  name: "scope-pile-up",
  severity: "error",
  symptom: "Memory, listeners or timers grow with every request, until the program is restarted.",
  summary:
    "Every exchange leaves a finalizer or a fiber in a scope of the program. They are never removed.",
  meaning: `Three or more exchanges have ended. After the grace period each of them had left something in a scope that is
not its own: a finalizer (\`release\`) or a fiber (\`fiber\`), registered at the same place in the code. None of them
was ever removed. It is \`likely\`, because the program may keep one for each of a few keys on purpose. So the rule says
nothing if half of the requests of those routes leave nothing there, and while the program runs it waits for eight
exchanges. A fiber of a request that is not a stream may be work that takes long: it has 60 grace periods, and five
if the program stops before.

Healthy: what the first request acquires for all others, because it is left once in a scope. Also healthy: scopes that
were forked from a scope of the program, as for sessions, and what they hold. If the exchange still holds a
subscription, \`subscription-leak\` judges it, and this rule says nothing.`,
  suggestion: `Acquire it in the scope of the request, which closes when the response has been sent:

  // not Scope.provide(openSession, application)
  const session = yield* openSession    // uses Effect.acquireRelease
  // not Effect.forkIn(heartbeat, application)
  yield* Effect.forkScoped(heartbeat)

If it has to belong to the program, fork a scope for it, and close that with the request:

  const connection = yield* Effect.acquireRelease(
    Scope.fork(application),
    Scope.close
  )
  const session = yield* Scope.provide(openSession, connection)`,
  incidents: [
    {
      title: "effect-smol #2011",
      url: "https://github.com/Effect-TS/effect-smol/issues/2011",
      story:
        "The finalizers of handlers went into the scope of the server, and ran when that stopped: one " +
        "more was held after each request.",
    },
    {
      title: "OpenCode #15645",
      url: "https://github.com/anomalyco/opencode/issues/15645",
      story: "Bus listener and heartbeat of an event stream outlived the client.",
    },
  ],
  shownBy: nothingLeft,
  judge: (exchange, moment) => {
    if (exchange.finalizers.length === 0) return nothing
    return judgeFinalizers(exchange, exchange.finalizers.filter(isOfInterest), moment)
  },
}

const nothing: Verdict = []

const isOfInterest = ({ what, removed }: Finalizer): boolean => what !== "scope" && !removed

const judgeFinalizers = (
  exchange: Exchange,
  finalizers: ReadonlyArray<Finalizer>,
  moment: Moment,
): Verdict => {
  const { endedAt: exchangeEnd } = exchange
  if (finalizers.length === 0) return nothing
  if (exchangeEnd === undefined) return notYetUnless(moment)
  if (holdsSubscription(exchange)) return notYetUnless(moment)
  const due = (finalizer: Finalizer) => exchangeEnd + patience(exchange, finalizer, moment)
  const left = finalizers.filter((one) => (one.endedAt ?? moment.now) > due(one))
  const piled = left.filter((one) => isPiled(one, moment))
  if (piled.length > 0) {
    const places = Map.groupBy(piled, placeOf)
    return [...places.values()].map((alike) => describe(exchange, exchangeEnd, alike))
  }
  if (moment.final) return nothing
  let next: Micros | undefined
  for (const one of finalizers) {
    if (one.endedAt !== undefined || moment.now > due(one)) continue
    next = Math.min(next ?? due(one), due(one))
  }
  if (next !== undefined) return new NotYet(next)
  return left.some((one) => one.endedAt === undefined) ? new NotYet(undefined) : nothing
}

const isPiled = ({ left, endedAt }: Finalizer, { final }: Moment): boolean =>
  left >= (final || endedAt !== undefined ? tooManyExchanges : farTooManyExchanges)

const holdsSubscription = ({ subscriptions }: Exchange): boolean =>
  subscriptions.some(({ endedAt }) => endedAt === undefined)

const patience = (
  exchange: Exchange,
  { what, endedAt }: Finalizer,
  { grace, final }: Moment,
): Micros => {
  if (what !== "fiber" || isStream(exchange)) return grace
  return (final || endedAt !== undefined ? gracesAtEnd : gracesOfWork) * grace
}

const isStream = (exchange: Exchange): boolean =>
  exchange.streams.length > 0 || exchange.endedBy === "client" || isEventStream(exchange)

/** Whatever one function registers is one bug. */
const placeOf = ({ name, scope, code }: Finalizer): string =>
  JSON.stringify([name, scope, code?.file, code?.line])

/** `a fiber and a finalizer` */
const leftText = (alike: ReadonlyArray<Finalizer>): string => {
  const words = alike.map(({ what }) => (what === "release" ? "a finalizer" : `a ${what}`))
  return [...new Set(words)].toSorted().join(" and ")
}

const describe = (
  exchange: Exchange,
  exchangeEnd: Micros,
  alike: ReadonlyArray<Finalizer>,
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  const [first] = alike
  const { name = "", scope = "", code, left = 0 } = first ?? {}
  const kinds = [...new Set(alike.map(({ what }) => what))].toSorted().join(" and ")
  return {
    confidence: "likely", // one for each of a few keys may be kept on purpose
    operation: spanName.finalizer(name),
    message:
      `This exchange ended at ${text(exchangeEnd)} and left ${leftText(alike)} in ${quoted("scope", scope)}, ` +
      `registered in ${name}: ${counted(left, "exchange")} have each left one ` +
      "there, and none was removed.",
    evidence: {
      ...codeEvidence(code),
      finalizer: kinds,
      scope,
      "exchanges.left_one": left,
      "finalizer.registered_ms": millis(first?.startedAt ?? exchange.startedAt),
      "exchange.ended_ms": millis(exchangeEnd),
    },
    stream: undefined,
    spanIds: alike.map(({ span }) => span.spanId),
  }
}
