import { spanName } from "../../attributes.ts"
import { codeEvidence } from "../code-evidence.ts"
import { known } from "../known-evidence.ts"
import type { Exchange, OrphanFiber } from "../model.ts"
import { quoted } from "../quoted.ts"
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
import { stalledSince } from "../stalled-since.ts"
import { capitalized } from "../subscription-text.ts"
import { formatMillis, type Micros, millisBetween, timesSince } from "../time.ts"
import { gracesOfSession } from "./subscription-leak.ts"

export const orphanFiber: Rule<"orphan-fiber"> = {
  name: "orphan-fiber",
  severity: "warning",
  symptom: "Work goes on long after its request was answered, and uses what may be closed already.",
  summary:
    "A fiber outlives the exchange or the program it was started for: nothing owns it, or it feeds nobody.",
  meaning: `A fiber was started for an exchange, which ended, and the fiber ran on for longer than the grace period. Or the
program stopped while a fiber of its own was running that is older than the grace period. Nothing owns the fiber: it is
not a child, is in no scope, FiberSet or FiberMap, and nobody awaits it. What it uses may be closed before it ends. It is \`likely\`, because somebody may keep the fiber to join it
later. A detached fiber begins one turn of the event loop later, so it may start after its exchange has ended. When a
program stops, the rule leaves out younger fibers: they may be about to end. The rule also says nothing if the fiber is the
reader of a subscription that leaks.

A fiber with an owner, such as a FiberSet, is a finding if it goes on to fill a Queue that was made for the request and
that only the request's stream had read. Two exchanges must each have left such a fiber, forked at the same place. None
of them may have ended by itself, and none of the queues may have been read again. If a client left its stream, 60 grace
periods must pass first, or the program must end: a session may be kept for a client that comes back. If you shut the
Queue down with the request, work that only reports there can go on without a finding.`,
  suggestion: `Give the fiber an owner that lives as long as its work may take:

  const tasks = yield* FiberSet.make()   // in a Layer
  // in the handler, not Effect.forkDetach(work)
  yield* FiberSet.run(tasks, work)

or fork it into a scope: Effect.forkIn(work, application). If the request sends a stream, and the fiber
works for that alone, fork it into the scope of the request, which closes when the body has ended:

  yield* Effect.forkScoped(poll)`,
  incidents: [
    {
      title: "Effect #6181",
      url: "https://github.com/Effect-TS/effect/issues/6181",
      story:
        "Request fibers were started in no scope: at SIGTERM they ran on and queried a database pool " +
        "that had been closed.",
    },
  ],
  shownBy: nothingLeft,
  judge: (exchange, moment) => ofEach(exchange.orphans, judgeFiber, exchange, moment),
  judgeProgram: ({ orphans, endedAt }, { grace }) =>
    endedAt === undefined
      ? []
      : orphans
          .filter(({ startedAt }) => endedAt - startedAt > grace)
          .map((fiber) => ofProgram(fiber, endedAt)),
}

/** A single fiber may feed a session that is kept for a client that comes back. */
export const tooManyFeeders = 2

/** A fiber that feeds a stream has nothing left to do when the stream has ended. */
const ofStream = `Fork the fiber into the scope of the request, which closes when the body has ended:

  // not Effect.forkDetach(poll)
  yield* Effect.forkScoped(poll)

Only work that has to go on without its client belongs into a FiberSet of the program.`

const judgeFiber = (exchange: Exchange, fiber: OrphanFiber, moment: Moment): Verdict => {
  const { endedAt: exchangeEnd } = exchange
  if (exchangeEnd === undefined) return notYetUnless(moment)
  if (fiber.fedUnreadAt !== undefined) {
    return judgeFeeder(exchange, fiber, exchangeEnd, fiber.fedUnreadAt, moment)
  }
  const alone = Math.max(exchangeEnd, fiber.startedAt)
  const ranUntil = fiber.endedAt ?? moment.now
  const due = alone + moment.grace + stalledSince(alone, fiber)
  if (ranUntil > due) return [ofExchange(exchange, fiber, exchangeEnd, ranUntil)]
  if (fiber.endedAt !== undefined || moment.final) return []
  return new NotYet(due)
}

const judgeFeeder = (
  exchange: Exchange,
  fiber: OrphanFiber,
  exchangeEnd: Micros,
  fedAt: Micros,
  moment: Moment,
): Verdict => {
  const { endedAt, stopped, left } = fiber
  if (left < tooManyFeeders) return endedAt === undefined ? notYetUnless(moment) : []
  const endsWithProgram = stopped || (endedAt === undefined && moment.final)
  const graces = endsWithProgram || exchange.endedBy !== "client" ? 1 : gracesOfSession
  const due = exchangeEnd + graces * moment.grace
  if ((endedAt ?? moment.now) > due) return [ofFeeder(exchange, fiber, exchangeEnd, fedAt)]
  return endedAt === undefined ? notYetUnless(moment, due) : []
}

const ofFeeder = (
  exchange: Exchange,
  fiber: OrphanFiber,
  exchangeEnd: Micros,
  fedAt: Micros,
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  return {
    ...about(fiber),
    suggestion: ofStream,
    message:
      `${capitalized(quoted("fiber", fiber.name))} was started for ${exchange.route}, which ended at ` +
      `${text(exchangeEnd)}, and at ${text(fedAt)} it still filled a queue that only the stream of that ` +
      `had read. ${fiber.left} exchanges have each left one.`,
    evidence: {
      fiber: fiber.name,
      ...known({ "fiber.id": fiber.id }),
      "fiber.started_ms": millis(fiber.startedAt),
      "exchange.ended_ms": millis(exchangeEnd),
      "fiber.fed_until_ms": millis(fedAt),
      "exchanges.left_one": fiber.left,
      ...codeEvidence(fiber.code),
    },
  }
}

const ofExchange = (
  exchange: Exchange,
  fiber: OrphanFiber,
  exchangeEnd: Micros,
  ranUntil: Micros,
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  return {
    ...about(fiber),
    ...(exchange.streams.length > 0 ? { suggestion: ofStream } : {}),
    message:
      `${capitalized(quoted("fiber", fiber.name))} was started for ${exchange.route}, which ended at ${text(exchangeEnd)}, ` +
      (fiber.endedAt === undefined
        ? `and was still running when it was judged, at ${text(ranUntil)}: no fiber, scope or ` +
          "FiberSet owns it."
        : `and ran on until ${text(ranUntil)}: no fiber, scope or FiberSet owned it.`),
    evidence: {
      fiber: fiber.name,
      ...known({ "fiber.id": fiber.id }),
      "fiber.started_ms": millis(fiber.startedAt),
      "exchange.ended_ms": millis(exchangeEnd),
      "fiber.ran_until_ms": millis(ranUntil),
      ...codeEvidence(fiber.code),
    },
  }
}

const ofProgram = (fiber: OrphanFiber, programEnd: Micros): RuleHit => {
  const age = millisBetween(fiber.startedAt, programEnd)
  return {
    ...about(fiber),
    message:
      `The program stopped, and ${quoted("fiber", fiber.name)}, started ${formatMillis(age)} before, was still ` +
      "running: no fiber, scope or FiberSet owned it.",
    evidence: {
      fiber: fiber.name,
      ...known({ "fiber.id": fiber.id }),
      "fiber.age_ms": age,
      ...codeEvidence(fiber.code),
    },
  }
}

const about = (fiber: OrphanFiber) => ({
  confidence: "likely" as const, // somebody may keep it, to join it later
  operation: spanName.fiber(fiber.name),
  stream: undefined,
  spanIds: [fiber.span.spanId],
})
