import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Failure } from "../../lifetimes/model.ts"
import type { Micros } from "../../lifetimes/time.ts"
import { latestFiber } from "../effect/fiber-ids.ts"
import { type AnyFiber, addToContext, interruptOf } from "../effect/fibers.ts"
import { setFunction } from "../effect/properties.ts"
import { isWithin } from "../effect/results.ts"
import { scopeIn } from "../effect/scopes.ts"
import { PullSteps, passesOn } from "../effect/stream-steps.ts"
import { harmlessly } from "../harmlessly.ts"
import { exchangeOf } from "../records/current-exchange.ts"
import { CurrentStream, readerOn, runsOn, stopsReading } from "../records/current-stream.ts"
import { exitKind, failureOf } from "../records/exit.ts"
import type { ExchangeRecord, StreamRunRecord, SubscriptionRecord } from "../records/record.ts"
import { makeSpanId, makeTraceId, parentSpan } from "../records/record-span.ts"
import { type LifetimeRegistry, registryIn } from "../records/registry.ts"
import { noteCutOff } from "../records/sent-interrupts.ts"
import { blameRelease, whatEnded } from "./stream-end.ts"
import { StreamSource } from "./stream-source.ts"

/**
 * Records every run of the stream under the name: on which fiber, what it read, how many elements it
 * produced, and what ended it.
 *
 * ```ts
 * HttpServerResponse.stream(events.pipe(tracedStream("event")))
 * ```
 */
export const tracedStream =
  (name: string) =>
  <A, E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A, E, R> =>
    Stream.unwrap(
      Effect.withFiber((fiber) => {
        const registry = registryIn(fiber.context)
        return Effect.succeed(registry === undefined ? self : observeStream(registry, name, self))
      }),
    )

/** The same stream, with every run of it recorded; as the body of an exchange, if one is given. */
export const observeStream = <A, E, R>(
  registry: LifetimeRegistry,
  name: string,
  self: Stream.Stream<A, E, R>,
  bodyOf?: ExchangeRecord,
): Stream.Stream<A, E, R> => {
  const source = new StreamSource(self, bodyOf)
  if (bodyOf !== undefined) bodyOf.source = source
  return Stream.fromChannel(
    Channel.fromTransform((_, scope) =>
      Effect.withFiber((fiber) => {
        const stream = harmlessly(() => begin(registry, name, fiber, source.bodyOf), undefined)
        const pulled = Channel.toPullScoped(Stream.toChannel(source.stream), scope)
        if (stream === undefined) return pulled
        source.latest = stream
        // Whatever the stream forks, now or at any later pull, inherits this.
        addToContext(fiber, CurrentStream, stream)
        const observed = Effect.map(pulled, (pull) => observePull(registry, stream, fiber, pull))
        return endsWithExchange(stream)
          ? observed
          : Effect.flatMap(
              Scope.addFinalizerExit(scope, (exit) =>
                Effect.sync(() => harmlessly(() => endStream(registry, stream, exit), undefined)),
              ),
              () => observed,
            )
      }),
    ),
  )
}

/**
 * A body that the request's fiber runs has ended when its server span ends. With a finalizer, its scope would
 * close by the slow path, for each request.
 */
const endsWithExchange = ({ isBody, exchange, fiber }: StreamRunRecord): boolean =>
  isBody && exchange?.fiber === fiber && exchange.endedAt === undefined

const observePull = <A extends ReadonlyArray<unknown>, E, Done, R>(
  registry: LifetimeRegistry,
  stream: StreamRunRecord,
  fiber: AnyFiber,
  pull: Pull.Pull<A, E, Done, R>,
): Pull.Pull<A, E, Done, R> => {
  const count = (elements: A) => {
    stream.events += elements.length
    if (stream.firstEventAt === undefined) {
      stream.firstEventAt = registry.now()
      stream.newestAtFirst = latestFiber()
    }
    return elements
  }
  const counted = passesOn(Effect.map(pull, count))
  setFunction(stream, "isAsked", () => isWithin(fiber, counted))
  setFunction(stream, "stepsOf", (reader) =>
    reader === fiber ? new PullSteps(fiber, counted) : undefined,
  )
  if (endsWithExchange(stream)) return endingWithCause(registry, stream, counted)
  return runsApart(stream) ? endingAtOnce(registry, stream, counted) : counted
}

/** It costs nothing as long as elements come. */
const endingWithCause = <A, E, Done, R>(
  registry: LifetimeRegistry,
  stream: StreamRunRecord,
  pull: Pull.Pull<A, E, Done, R>,
): Pull.Pull<A, E, Done, R> =>
  Effect.catchCause(pull, (cause) => {
    harmlessly(() => endStream(registry, stream, Pull.doneExitFromCause(cause)), undefined)
    return Effect.failCause(cause)
  })

/** For a runtime that pulls the body after the handler's fiber has ended, as `toWebHandler` does. */
const runsApart = ({ exchange, fiber }: StreamRunRecord): boolean =>
  exchange !== undefined && exchange.fiber !== fiber

/** The request scope closes with the last pull, and not when all of the stream is done. */
const endingAtOnce = <A, E, Done, R>(
  registry: LifetimeRegistry,
  stream: StreamRunRecord,
  pull: Pull.Pull<A, E, Done, R>,
): Pull.Pull<A, E, Done, R> =>
  Effect.onError(pull, (cause) =>
    Effect.withFiber((fiber) => {
      const exit = Pull.doneExitFromCause(interruptOf(fiber) ?? cause)
      return Effect.sync(() => harmlessly(() => endStream(registry, stream, exit), undefined))
    }),
  )

const begin = (
  registry: LifetimeRegistry,
  name: string,
  fiber: AnyFiber,
  bodyOf: ExchangeRecord | undefined,
): StreamRunRecord => {
  const exchange = bodyOf ?? exchangeOf(fiber)
  const stream: StreamRunRecord = {
    kind: "stream",
    // What each event asks for lies together in memory: this, and nothing else, is why it stands first.
    events: 0,
    firstEventAt: undefined,
    span: { traceId: exchange?.span.traceId ?? makeTraceId(), spanId: makeSpanId() },
    parentSpan: parentSpan(exchange, undefined),
    exchange,
    name,
    startedAt: registry.now(),
    endedAt: undefined,
    fiber: fiber.id,
    reads: [],
    readsFrom: [],
    exit: undefined,
    endedBy: undefined,
    endedBySubscription: undefined,
    endedByForeign: undefined,
    cutOff: undefined,
    shutQueue: undefined,
    metQueue: undefined,
    askedOn: undefined,
    refused: undefined,
    failure: undefined,
    newestAtFirst: undefined,
    senders: undefined,
    livesIn: registry.recordOf(scopeIn(fiber.context)),
    enclosing: undefined,
    within: readerOn(fiber),
    refusedBy: undefined,
    isBody: bodyOf !== undefined,
    replacedBy: undefined,
    isAsked: isOver,
    stepsOf: noSteps,
  }
  if (bodyOf?.clientWatch !== undefined) bodyOf.clientWatch.fiber = fiber
  if (exchange !== undefined) replaceBody(registry, exchange, stream)
  runsOn(fiber, stream)
  registry.streams.add(stream)
  exchange?.streams.push(stream)
  return stream
}

/** A body that does nothing but run a traced stream is that stream. */
const replaceBody = (
  registry: LifetimeRegistry,
  exchange: ExchangeRecord,
  stream: StreamRunRecord,
): void => {
  if (stream.isBody) {
    exchange.body = stream
    return
  }
  const { body } = exchange
  if (body === undefined || body.replacedBy !== undefined || body.fiber !== stream.fiber) return
  if (body.events > 0 || body.reads.length > 0 || body.endedAt !== undefined) return
  body.replacedBy = stream
  registry.streams.delete(body)
  exchange.streams.splice(exchange.streams.indexOf(body), 1)
}

/** The stream has ended, at the latest with this exit. What has ended already stays as it is. */
export const endStream = (
  registry: LifetimeRegistry,
  stream: StreamRunRecord,
  exit: Exit.Exit<unknown, unknown>,
  at = registry.now(),
): void => {
  const { exchange } = stream
  if (stream.endedAt !== undefined) return
  stream.endedAt = at
  stream.exit = exitKind(exit)
  if (stream.replacedBy !== undefined) endAs(stream, stream.replacedBy, at)
  stream.endedBy = whatEnded(registry, stream, exit)
  if (stream.endedBy === "failure") stream.failure = failureOf(exit) ?? takenAway
  if (stream.endedBy === "released") blameRelease(registry, stream)
  stopsReading(stream)
  // They would keep the fiber.
  stream.isAsked = isOver
  stream.stepsOf = noSteps
  for (const subscription of stream.readsFrom) leave(subscription, stream)
  if (stream.isBody && exchange !== undefined) {
    if (stream.endedBy === "failure") noteCutOff(registry, exchange, exit)
    bodyEnded(exchange, stream)
  }
  if (stream.replacedBy !== undefined) return
  registry.streams.delete(stream)
  registry.ended(stream)
}

const isOver = (): boolean => false
const noSteps = (): undefined => undefined

const leave = (subscription: SubscriptionRecord, stream: StreamRunRecord): void => {
  subscription.steps = undefined
  subscription.asking.settledOn = undefined
  subscription.readers.delete(stream)
  subscription.ownerClosed ||= subscription.isOwnerClosed()
}

/**
 * A body that consists of a traced stream ended with what that stream met, unless the body went on after it.
 */
const endAs = (body: StreamRunRecord, stream: StreamRunRecord, at: Micros): void => {
  if (at - (stream.endedAt ?? at) > sameMoment) return
  body.refusedBy ??= stream.refusedBy
  body.cutOff ??= stream.cutOff
}

/** One of the two ends first, and nothing happens between them. 1 ms. */
const sameMoment: Micros = 1_000

/** The error of a stream that ended on an interrupt which nobody sent to its fiber. */
const takenAway: Failure = {
  type: "Interrupt",
  message: "something that it waited for was taken away",
  defect: undefined,
}

/** Effect's server span says nothing of a body that fails. */
const bodyEnded = (exchange: ExchangeRecord, body: StreamRunRecord): void => {
  if (body.endedBy === "failure") exchange.failed = true
  exchange.endsWith?.(body)
}
