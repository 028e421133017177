import * as Effect from "effect/Effect"
import type { ClientView } from "../probe/event-stream.ts"
import { publishedCount } from "../probe/event-types.ts"
import { NoAnswer } from "../probe/no-answer.ts"
import { openTracedClient, type TracedClient } from "../probe/traced-client.ts"
import type { VariantName } from "../server/variant-name.ts"
import { lateType, publish, publishedTypes } from "./publish.ts"

/** A server, and the implementation of the stream that it runs. */
export interface ExercisedServer {
  readonly address: string
  readonly variant: VariantName
}

/** What one client saw of one server during the exercise. */
export interface ExerciseResult {
  readonly variant: VariantName
  readonly traceId: string
  readonly seen: ClientView
  readonly eventsPublished: number
  readonly eventsReceived: number
}

/** Between two events, so that a person sees them apart on the timeline. */
const pause = "100 millis"
/** How long a stream that ends at once gets to do so before anything is published. */
const settling = "50 millis"
/** How long the last event may take to arrive. */
const patience = "2 seconds"

/**
 * Does to every server what a user of OpenCode did: connects to its stream, publishes the same events to all,
 * and leaves when all have arrived. One more event follows when everybody has left. Before the measured
 * exchange, each server has one that is not measured.
 */
export const exercise = Effect.fnUntraced(function* (servers: ReadonlyArray<ExercisedServer>) {
  yield* Effect.forEach(servers, warmUp, { concurrency: "unbounded", discard: true })
  yield* Effect.sleep(pause) // the servers still see off the client that has just left
  const exercised = yield* Effect.scoped(connectAndPublish(servers))
  yield* publishToAll(servers, lateType)
  return exercised
})

const warmUp = ({ address, variant }: ExercisedServer) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { stream } = yield* openTracedClient(`${address}/event`, { variant })
      const seen = yield* stream.until(({ firstEventMs }) => firstEventMs !== undefined)
      if (seen.status === undefined) return yield* new NoAnswer({ server: address })
      yield* publish(address, lateType)
    }),
  )

const connectAndPublish = Effect.fnUntraced(function* (servers: ReadonlyArray<ExercisedServer>) {
  const clients = yield* Effect.forEach(servers, connect)
  for (const type of publishedTypes) {
    yield* Effect.sleep(pause)
    yield* publishToAll(servers, type)
  }
  return yield* Effect.forEach(clients, finish, { concurrency: "unbounded" })
})

/** One at a time: each server has the machine for itself while its stream begins. */
const connect = Effect.fnUntraced(function* ({ address, variant }: ExercisedServer) {
  const client = yield* openTracedClient(`${address}/event`, { variant })
  yield* client.stream.until((seen) => seen.firstEventMs !== undefined)
  yield* client.stream.until(() => false).pipe(Effect.timeoutOption(settling))
  return { ...client, variant }
})

const publishToAll = (servers: ReadonlyArray<ExercisedServer>, type: string) =>
  Effect.forEach(servers, ({ address }) => publish(address, type), {
    concurrency: "unbounded",
    discard: true,
  })

const finish = Effect.fnUntraced(function* ({
  stream,
  traceId,
  variant,
}: TracedClient & Pick<ExercisedServer, "variant">) {
  const all = publishedTypes.length
  yield* stream.until((seen) => publishedCount(seen) >= all).pipe(Effect.timeoutOption(patience))
  yield* Effect.sleep(pause)
  yield* stream.leave
  const exercised: ExerciseResult = {
    variant,
    traceId,
    seen: stream.seen,
    eventsPublished: all,
    eventsReceived: publishedCount(stream.seen),
  }
  return exercised
})
