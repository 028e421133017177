import * as Effect from "effect/Effect"
import type { ClientView } from "../probe/event-stream.ts"
import { publishedCount } from "../probe/event-types.ts"
import { NoAnswer } from "../probe/no-answer.ts"
import { openTracedClient, type TracedClient } from "../probe/traced-client.ts"
import { lateType, publish, publishedTypes } from "./publish.ts"

/** What one client saw of one server during the exercise. */
export interface ExerciseResult {
  readonly traceId: string
  readonly seen: ClientView
  readonly eventsPublished: number
  readonly eventsReceived: number
}

/** Between two events, so that a person sees them apart on the timeline. */
const pause = "150 millis"
/** How long a stream that will end at once is given to do so before anything is published. */
const settling = "50 millis"
/** How long the last event may take to arrive. */
const patience = "2 seconds"

/**
 * Does to every server what a user of OpenCode did: connects to its stream, publishes the same events
 * to all, and leaves when all have arrived. One event more follows when everybody has left. Before
 * the measured exchange each server has one that is not measured.
 */
export const exercise = Effect.fnUntraced(function* (servers: ReadonlyArray<string>) {
  yield* Effect.forEach(servers, warmUp, { concurrency: "unbounded", discard: true })
  yield* Effect.sleep(pause) // the servers still see off the client that has just left
  const exercised = yield* Effect.scoped(connectAndPublish(servers))
  yield* publishToAll(servers, lateType)
  return exercised
})

const warmUp = (server: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { stream } = yield* openTracedClient(`${server}/event`)
      const seen = yield* stream.until(({ firstEventMs }) => firstEventMs !== undefined)
      if (seen.status === undefined) return yield* new NoAnswer({ server })
      yield* publish(server, lateType)
    }),
  )

const connectAndPublish = Effect.fnUntraced(function* (servers: ReadonlyArray<string>) {
  const clients = yield* Effect.forEach(servers, connect)
  for (const type of publishedTypes) {
    yield* Effect.sleep(pause)
    yield* publishToAll(servers, type)
  }
  return yield* Effect.forEach(clients, finish, { concurrency: "unbounded" })
})

/** One at a time: each server gets the machine to itself while its stream begins. */
const connect = Effect.fnUntraced(function* (server: string) {
  const client = yield* openTracedClient(`${server}/event`)
  yield* client.stream.until((seen) => seen.firstEventMs !== undefined)
  yield* client.stream.until(() => false).pipe(Effect.timeoutOption(settling))
  return client
})

const publishToAll = (servers: ReadonlyArray<string>, type: string) =>
  Effect.forEach(servers, (server) => publish(server, type), {
    concurrency: "unbounded",
    discard: true,
  })

const finish = Effect.fnUntraced(function* ({ stream, traceId }: TracedClient) {
  const all = publishedTypes.length
  yield* stream.until((seen) => publishedCount(seen) >= all).pipe(Effect.timeoutOption(patience))
  yield* Effect.sleep(pause)
  yield* stream.leave
  const exercised: ExerciseResult = {
    traceId,
    seen: stream.seen,
    eventsPublished: all,
    eventsReceived: publishedCount(stream.seen),
  }
  return exercised
})
