/** What the programs have in common; nothing here knows of Scopeline. */
import * as Effect from "effect/Effect"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Response from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { running, within } from "./running-time.ts"

/** The grace period with which the programs are judged, in milliseconds. */
export const graceMillis = 300

/** Time for whatever is released late to be late. */
export const settle = running(graceMillis + 250)

/** Waits until it is so. */
export const becomes = (condition: () => boolean) =>
  Effect.repeat(Effect.sleep("2 millis"), { until: condition })

/** Whether it becomes so in time. */
export const becomesInTime = (condition: () => boolean) =>
  Effect.map(within(becomes(condition), 3_000), Option.isSome)

/** Server-sent events, as in any program. */
export const sse = <E>(events: Stream.Stream<string, E>): HttpServerResponse.HttpServerResponse =>
  Response.stream(Stream.encodeText(Stream.map(events, (event) => `data: ${event}\n\n`)), {
    contentType: "text/event-stream",
  })

export const heartbeats = Stream.map(
  Stream.fromSchedule(Schedule.spaced("60 millis")),
  () => "heartbeat",
)

/** Publishes an event whenever so many milliseconds have passed, as long as the current scope is open. */
export const ticking = <A>(bus: PubSub.PubSub<A>, event: A, millis = 30) =>
  Effect.forkScoped(Effect.forever(Effect.delay(PubSub.publish(bus, event), millis)))
