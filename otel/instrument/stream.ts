import * as Channel from "effect/Channel"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { ConsumerEnd } from "../lifetimes/model.ts"
import { CurrentConsumer, runsOn } from "./consumer.ts"
import { exchangeOf } from "./current-exchange.ts"
import { exitKind, failureOf, isClientAbort } from "./exit.ts"
import { Lifetimes, type LiveLifetimes } from "./lifetimes.ts"
import { parentSpan } from "./parent-span.ts"
import type { ConsumerRecord, ResourceRecord } from "./records.ts"
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
        return Effect.succeed(
          lifetimes === undefined ? self : observe(lifetimes, name, fiber, self),
        )
      }),
    )

const observe = <A, E, R>(
  lifetimes: LiveLifetimes,
  name: string,
  fiber: Fiber.Fiber<unknown, unknown>,
  self: Stream.Stream<A, E, R>,
): Stream.Stream<A, E, R> =>
  Stream.fromChannel(
    Channel.fromTransform((_, scope) => {
      const consumer = begin(lifetimes, name, fiber)
      const count = (elements: ReadonlyArray<A>) => {
        consumer.events += elements.length
        consumer.firstEventAt ??= lifetimes.now()
      }
      return Scope.addFinalizerExit(scope, (exit) =>
        Effect.sync(() => end(lifetimes, consumer, exit)),
      ).pipe(
        Effect.andThen(Channel.toPullScoped(Stream.toChannel(self), scope)),
        Effect.map(
          Effect.map((elements) => {
            count(elements)
            return elements
          }),
        ),
        Effect.provideService(CurrentConsumer, consumer),
      )
    }),
  )

const begin = (
  lifetimes: LiveLifetimes,
  name: string,
  fiber: Fiber.Fiber<unknown, unknown>,
): ConsumerRecord => {
  const exchange = exchangeOf(fiber)
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
    refused: undefined,
    failure: undefined,
    firstEventAt: undefined,
    events: 0,
    enclosing: undefined,
    refusedBy: undefined,
  }
  runsOn(fiber, consumer)
  lifetimes.consumers.add(consumer)
  exchange?.consumers.push(consumer)
  return consumer
}

const end = (
  lifetimes: LiveLifetimes,
  consumer: ConsumerRecord,
  exit: Exit.Exit<unknown, unknown>,
): void => {
  consumer.endedAt = lifetimes.now()
  consumer.exit = exitKind(exit)
  consumer.endedBy = whatEnded(lifetimes, consumer, exit)
  if (consumer.endedBy === "failure") consumer.failure = failureOf(exit)
  if (consumer.endedBy === "released") blame(consumer)
  for (const resource of consumer.readsFrom) resource.readers.delete(consumer)
  lifetimes.consumers.delete(consumer)
  lifetimes.ended(consumer)
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
  if (consumer.exit === "success") return "upstream"
  // The program interrupts what it likes; the fiber of a request only when it stops.
  return consumer.fiber === consumer.exchange?.fiber ? "shutdown" : undefined
}

/** What belongs to the program is released when the program stops. */
const releaseEnds = ({ ownerScope }: ResourceRecord): ConsumerEnd =>
  ownerScope?.role === "application" || ownerScope?.role === "layer" ? "shutdown" : "released"
