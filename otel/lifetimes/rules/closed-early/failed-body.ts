import { spanName } from "../../../attributes.ts"
import { codeEvidence } from "../../code-evidence.ts"
import { oneLine, quotedError } from "../../error-text.ts"
import { known } from "../../known-evidence.ts"
import { missingContext } from "../../missing-context.ts"
import { type Exchange, placeInCode, type Scope, type StreamRun } from "../../model.ts"
import { doneIn } from "../../place-text.ts"
import { quoted } from "../../quoted.ts"
import { lastToFail, readBy } from "../../relations.ts"
import type { RuleHit } from "../../rule.ts"
import { isCall } from "../../spans/exchange-name.ts"
import { stalledSince } from "../../stalled-since.ts"
import { isPartOfStop } from "../../stopped-before.ts"
import { type Micros, timesSince } from "../../time.ts"

/** How soon a body fails if what it needs was released: nothing keeps it from asking for that. 100 ms. */
const atFirst: Micros = 100_000

/**
 * The body failed as soon as it began, and what it needed had been released: it was made in a scope that closed
 * before it ran, or its handler had acquired something in a closed scope. It is not a subscription: we do not
 * record who uses a file or a connection.
 */
export const failedBody = (
  exchange: Exchange,
  stream: StreamRun,
  streamEnd: Micros,
): RuleHit | undefined => {
  const { endedBy, failed, cutOff } = exchange
  if (stream.endedBy !== "failure" || failed !== true || cutOff !== undefined) return undefined
  if (endedBy === "client" || endedBy === "shutdown") return undefined
  if (!lastToFail(exchange).includes(stream)) return undefined
  if (!failedAtFirst(exchange, stream, streamEnd) || isPartOfStop(exchange, streamEnd))
    return undefined
  // These failures have other reasons.
  if (missingContext(stream.failure) !== undefined || hasRead(exchange, stream)) return undefined
  const openedAt = openedBy(exchange, stream, streamEnd)
  if (openedAt === undefined) return undefined
  const scope = exchange.scopes
    .filter((one) => one.role !== "request" && hasReleased(one, openedAt))
    .toSorted((a, b) => (a.closedAt ?? 0) - (b.closedAt ?? 0))
    .at(-1)
  return scope && describe(exchange, stream, streamEnd, scope)
}

/** The handler failed. What it had acquired in a closed scope was released at once. */
export const failedHandler = (exchange: Exchange): RuleHit | undefined => {
  const { endedBy, endedAt, failed, cutOff, route, streams, status = 0 } = exchange
  if (failed !== true || status < 500 || streams.length > 0 || cutOff !== undefined)
    return undefined
  if (endedAt === undefined || endedBy !== "server") return undefined
  if (isPartOfStop(exchange, endedAt)) return undefined
  const scope = exchange.scopes.find((one) => one.enteredClosed && one.firstUse !== undefined)
  if (scope?.firstUse === undefined) return undefined
  const { millis, text } = timesSince(exchange.startedAt)
  const { at, code } = scope.firstUse
  return {
    confidence: "likely", // it may have failed for another reason
    operation: spanName.scope(scope.name),
    message:
      `${route} failed with status ${status} at ${text(endedAt)}: ${quoted("scope", scope.name)} had closed before ` +
      `its handler entered it, and what had been acquired in it at ${text(at)}${doneIn("in", code)} was released at once.`,
    evidence: {
      scope: scope.name,
      "acquired.at_ms": millis(at),
      ...codeEvidence(code),
      "http.response.status_code": status,
      "exchange.ended_ms": millis(endedAt),
    },
    stream: undefined,
    spanIds: [scope.span.spanId, exchange.span.spanId],
  }
}

const failedAtFirst = (exchange: Exchange, { startedAt }: StreamRun, streamEnd: Micros): boolean =>
  streamEnd - startedAt <= atFirst + stalledSince(startedAt, exchange)

/** Something that it reads was still there. */
const hasRead = (exchange: Exchange, stream: StreamRun): boolean => {
  const subscriptions = readBy(exchange, stream)
  return (
    subscriptions.length < stream.reads.length ||
    subscriptions.some(({ delivered }) => delivered > 0)
  )
}

/**
 * When everything was there that the stream had to read. In a call, what opens the stream may be part of it.
 */
const openedBy = (
  { route }: Exchange,
  { startedAt, events }: StreamRun,
  streamEnd: Micros,
): Micros | undefined => {
  if (!isCall(route)) return startedAt
  return events === 0 ? streamEnd : undefined
}

const hasReleased = (
  { enteredClosed, firstUse, handsOut, finalizers, exit, closedAt }: Scope,
  openedAt: Micros,
): boolean =>
  enteredClosed
    ? firstUse !== undefined && firstUse.at <= openedAt
    : handsOut &&
      finalizers > 0 &&
      exit === "success" &&
      closedAt !== undefined &&
      closedAt <= openedAt

const describe = (
  exchange: Exchange,
  stream: StreamRun,
  streamEnd: Micros,
  scope: Scope,
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  const { closedAt = streamEnd, code, enteredClosed, firstUse, name } = scope
  const failure = stream.failure?.message ?? "an unknown error"
  const acquired = `what had been acquired in it${doneIn("in", firstUse?.code)}`
  return {
    confidence: "likely", // whether it used just that is not known
    operation: spanName.scope(name),
    message:
      `Stream "${stream.name}" of ${exchange.route} failed with ${quotedError(failure)} at ${text(streamEnd)}, as soon as it ` +
      `began: ${quoted("scope", name)}${placeInCode(scope)} ` +
      (enteredClosed
        ? `had closed before its handler entered it, and ${acquired} was released at once.`
        : `enclosed what made it, and had closed at ${text(closedAt)}, which released ${acquired}.`),
    evidence: {
      scope: name,
      "scope.closed_ms": millis(closedAt),
      "scope.finalizers": scope.finalizers,
      ...codeEvidence(firstUse?.code ?? code),
      stream: stream.name,
      "stream.started_ms": millis(stream.startedAt),
      "stream.ended_ms": millis(streamEnd),
      "stream.events": stream.events,
      ...known({ "exception.type": stream.failure?.type }),
      "exception.message": oneLine(failure),
    },
    stream: stream.span.spanId,
    spanIds: [scope.span.spanId, stream.span.spanId],
  }
}
