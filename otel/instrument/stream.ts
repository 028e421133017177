import * as Channel from "effect/Channel"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Failure } from "../lifetimes/model.ts"
import type { ConsumerEnd } from "../lifetimes/terms.ts"
import { mayBeReleased } from "../lifetimes/unknown-release.ts"
import { CurrentConsumer, runsOn, stopsReading } from "./consumer.ts"
import { exchangeOf } from "./current-exchange.ts"
import { type AnyFiber, interruptOf, isInterrupted } from "./effect-internals.ts"
import { exitKind, failureOf, isClientAbort } from "./exit.ts"
import { harmlessly } from "./harmlessly.ts"
import { Lifetimes, type LiveLifetimes } from "./lifetimes.ts"
import { parentSpan } from "./parent-span.ts"
import type { ConsumerRecord, ExchangeRecord, ResourceRecord } from "./records.ts"
import { makeSpanId, makeTraceId } from "./span-id.ts"

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
        const lifetimes = Context.getOrUndefined(fiber.context, Lifetimes)
        return Effect.succeed(lifetimes === undefined ? self : observeStream(lifetimes, name, self))
      }),
    )

/** The same stream, with every run of it recorded; as the body of an exchange where one is given. */
export const observeStream = <A, E, R>(
  lifetimes: LiveLifetimes,
  name: string,
  self: Stream.Stream<A, E, R>,
  bodyOf?: ExchangeRecord,
): Stream.Stream<A, E, R> =>
  Stream.fromChannel(
    Channel.fromTransform((_, scope) =>
      Effect.withFiber((fiber) => {
        const consumer = begin(lifetimes, name, fiber, bodyOf)
        // Whatever the stream forks, now or at any later pull, inherits this.
        fiber.setContext(Context.add(fiber.context, CurrentConsumer, consumer))
        const observed = Effect.map(Channel.toPullScoped(Stream.toChannel(self), scope), (pull) =>
          observePull(lifetimes, consumer, pull),
        )
        return endsWithExchange(consumer)
          ? observed
          : Effect.flatMap(
              Scope.addFinalizerExit(scope, (exit) =>
                Effect.sync(() =>
                  harmlessly(() => endConsumer(lifetimes, consumer, exit), undefined),
                ),
              ),
              () => observed,
            )
      }),
    ),
  )

/**
 * A body that the request's fiber runs has ended when its server span ends. A finalizer of its own would make
 * its scope one that closes by the long way, for each request.
 */
const endsWithExchange = ({ isBody, exchange, fiber }: ConsumerRecord): boolean =>
  isBody && exchange?.fiber === fiber && exchange.endedAt === undefined

const observePull = <A extends ReadonlyArray<unknown>, E, Done, R>(
  lifetimes: LiveLifetimes,
  consumer: ConsumerRecord,
  pull: Pull.Pull<A, E, Done, R>,
): Pull.Pull<A, E, Done, R> => {
  const count = (elements: A) => {
    consumer.events += elements.length
    consumer.firstEventAt ??= lifetimes.now()
    return elements
  }
  if (endsWithExchange(consumer)) {
    return Effect.matchCauseEffect(pull, {
      onSuccess: (elements) => Effect.succeed(count(elements)),
      onFailure: (cause) => {
        harmlessly(() => endConsumer(lifetimes, consumer, Pull.doneExitFromCause(cause)), undefined)
        return Effect.failCause(cause)
      },
    })
  }
  const counted = Effect.map(pull, count)
  return runsApart(consumer) ? endingAtOnce(lifetimes, consumer, counted) : counted
}

/** Where a runtime pulls the body after the handler's fiber has ended, as `toWebHandler` has it. */
const runsApart = ({ exchange, fiber }: ConsumerRecord): boolean =>
  exchange !== undefined && exchange.fiber !== fiber

/** There the request scope closes with the last pull, and not when all of the stream is done. */
const endingAtOnce = <A, E, Done, R>(
  lifetimes: LiveLifetimes,
  consumer: ConsumerRecord,
  pull: Pull.Pull<A, E, Done, R>,
): Pull.Pull<A, E, Done, R> =>
  Effect.onError(pull, (cause) =>
    Effect.withFiber((fiber) => {
      const exit = Pull.doneExitFromCause(interruptOf(fiber) ?? cause)
      return Effect.sync(() => harmlessly(() => endConsumer(lifetimes, consumer, exit), undefined))
    }),
  )

const begin = (
  lifetimes: LiveLifetimes,
  name: string,
  fiber: AnyFiber,
  bodyOf: ExchangeRecord | undefined,
): ConsumerRecord => {
  const exchange = bodyOf ?? exchangeOf(fiber)
  const consumer: ConsumerRecord = {
    span: { traceId: exchange?.span.traceId ?? makeTraceId(), spanId: makeSpanId() },
    parentSpan: parentSpan(exchange, undefined),
    exchange,
    name,
    startedAt: lifetimes.now(),
    endedAt: undefined,
    fiber: fiber.id,
    reads: [],
    readsFrom: [],
    exit: undefined,
    endedBy: undefined,
    endedByResource: undefined,
    endedByForeign: undefined,
    cutOff: undefined,
    askedOn: undefined,
    refused: undefined,
    failure: undefined,
    firstEventAt: undefined,
    events: 0,
    livesIn: lifetimes.recordOf(Context.getOrUndefined(fiber.context, Scope.Scope)),
    enclosing: undefined,
    refusedBy: undefined,
    isBody: bodyOf !== undefined,
    replaced: false,
  }
  if (exchange !== undefined) replaceBody(lifetimes, exchange, consumer)
  runsOn(fiber, consumer)
  lifetimes.consumers.add(consumer)
  exchange?.consumers.push(consumer)
  return consumer
}

/** A body that does nothing but run a traced stream is that stream. */
const replaceBody = (
  lifetimes: LiveLifetimes,
  exchange: ExchangeRecord,
  consumer: ConsumerRecord,
): void => {
  if (consumer.isBody) {
    exchange.body = consumer
    return
  }
  const { body } = exchange
  if (body === undefined || body.replaced || body.fiber !== consumer.fiber) return
  if (body.events > 0 || body.reads.length > 0 || body.endedAt !== undefined) return
  body.replaced = true
  lifetimes.consumers.delete(body)
  exchange.consumers.splice(exchange.consumers.indexOf(body), 1)
}

/** The stream has ended, at the latest with this exit; what has ended already stays as it is. */
export const endConsumer = (
  lifetimes: LiveLifetimes,
  consumer: ConsumerRecord,
  exit: Exit.Exit<unknown, unknown>,
  at = lifetimes.now(),
): void => {
  const { exchange } = consumer
  if (consumer.endedAt !== undefined) return
  consumer.endedAt = at
  consumer.exit = exitKind(exit)
  consumer.endedBy = whatEnded(lifetimes, consumer, exit)
  if (consumer.endedBy === "failure") consumer.failure = failureOf(exit) ?? takenAway
  if (consumer.endedBy === "released") blame(consumer)
  stopsReading(consumer)
  for (const resource of consumer.readsFrom) leave(resource, consumer)
  if (consumer.isBody && exchange !== undefined) bodyEnded(exchange, consumer)
  if (consumer.replaced) return
  lifetimes.consumers.delete(consumer)
  lifetimes.ended(consumer)
}

const leave = (resource: ResourceRecord, consumer: ConsumerRecord): void => {
  resource.readers.delete(consumer)
  resource.ownerClosed ||= resource.isOwnerClosed()
}

/** What a stream failed with that ended on an interrupt which nobody sent to its fiber. */
const takenAway: Failure = {
  type: "Interrupt",
  message: "something that it waited for was taken away",
}

/** Effect's server span says nothing of a body that fails. */
const bodyEnded = (exchange: ExchangeRecord, body: ConsumerRecord): void => {
  if (body.endedBy === "failure") exchange.failed = true
  exchange.endsWith?.(body)
}

const blame = (consumer: ConsumerRecord): void => {
  const { refusedBy, exchange } = consumer
  if (refusedBy === undefined) return
  consumer.endedByResource = refusedBy.span.spanId
  if (refusedBy.exchange === exchange) return
  const { span, name, owner } = refusedBy
  consumer.endedByForeign = { resource: span, name, owner: owner.name }
}

const whatEnded = (
  lifetimes: LiveLifetimes,
  consumer: ConsumerRecord,
  exit: Exit.Exit<unknown, unknown>,
): ConsumerEnd | undefined => {
  if (isClientAbort(exit)) return "client"
  if (lifetimes.isShuttingDown) return "shutdown"
  if (consumer.exit === "failure") return "failure"
  if (consumer.refusedBy?.end === "released") return releaseEnds(consumer.refusedBy)
  if (consumer.exit === "success") return isCutOff(consumer) ? "released" : "upstream"
  if (!isInterrupted(Fiber.getCurrent())) {
    consumer.cutOff ??= { at: lifetimes.now(), by: consumer.fiber }
    return isCutOff(consumer) ? "released" : "failure"
  }
  // The program interrupts what it likes; the fiber of a request only when it stops.
  if (consumer.fiber === consumer.exchange?.fiber) return "shutdown"
  // Whoever pulls a body apart from that does so for the client.
  return consumer.fiber === consumer.exchange?.body?.fiber ? "client" : undefined
}

/** Something that nobody traced was taken away from it, and a scope of its exchange may have done that. */
const isCutOff = (consumer: ConsumerRecord): boolean =>
  consumer.refusedBy === undefined &&
  consumer.exchange !== undefined &&
  mayBeReleased(consumer.exchange, consumer)

/** What belongs to the program is released when the program stops. */
const releaseEnds = ({ ownerScope }: ResourceRecord): ConsumerEnd =>
  ownerScope?.asked === true && (ownerScope.role === "application" || ownerScope.role === "layer")
    ? "shutdown"
    : "released"
