import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import type * as Pull from "effect/Pull"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import { type EventInput, encodeFrame, makeEvent } from "./frame.ts"
import { makeTurns } from "./turn.ts"

/** Events kept for the slowest client; see `ClientTooSlow`. */
const capacity = 1024

/** Events that are published together at most: a client that reads on keeps up with several times as many in a turn. */
const mostOfTurn = capacity / 4

/**
 * A client fell more than 1,024 events behind. The publisher never waits for it, and nothing is dropped
 * silently: as soon as it reads again, its stream fails and its connection is reset. Then it connects again and
 * knows that it missed something.
 */
export class ClientTooSlow extends Schema.TaggedError<ClientTooSlow>()("ClientTooSlow", {
  missed: Schema.Int,
}) {
  override get message(): string {
    return `The client is too slow: it missed ${this.missed} events.`
  }
}

/** An event, encoded once for everyone, and its place in the order of all events. */
interface PublishedEvent {
  readonly sequence: number
  readonly frame: Uint8Array
}

const end = Symbol("end of the bus")

export interface EventSubscription {
  /** The sequence number of the first event that belongs to it. */
  readonly first: number
  readonly messages: PubSub.Subscription<PublishedEvent | typeof end>
}

/** Brings every published event to everyone who is subscribed. */
export class Bus extends Context.Service<
  Bus,
  {
    /** Publishes an event and gives its id; it never waits for a subscriber. */
    readonly publish: (event: EventInput) => Effect.Effect<string>
    /** Subscribes from now on, until the current scope closes. */
    readonly subscribeAll: () => Effect.Effect<EventSubscription, never, Scope.Scope>
    /** Ends every subscription after what is already in it. */
    readonly end: Effect.Effect<void>
  }
>()("scopeline/server/Bus") {
  static readonly layer: Layer.Layer<Bus> = Layer.effect(
    Bus,
    Effect.gen(function* () {
      const pubsub = yield* PubSub.sliding<PublishedEvent | typeof end>(capacity).pipe(
        tracedPubSub("bus"),
      )
      const endOfTurn = makeTurns()
      let sequence = 0
      let ofThisTurn: Array<Uint8Array> = []
      const publishTurn = Effect.suspend(() => {
        const published = ofThisTurn.map((frame) => ({ sequence: sequence++, frame }))
        ofThisTurn = []
        return published.length === 0 ? Effect.void : PubSub.publishAll(pubsub, published)
      })
      return Bus.of({
        publish: (input) =>
          Effect.suspend(() => {
            const event = makeEvent(input)
            ofThisTurn.push(encodeFrame(event))
            const published =
              ofThisTurn.length < mostOfTurn ? Effect.andThen(endOfTurn, publishTurn) : publishTurn
            return Effect.as(published, event.id)
          }).pipe(Effect.uninterruptible),
        subscribeAll: () =>
          Effect.map(subscribeTraced(pubsub), (messages) => ({ first: sequence, messages })),
        end: Effect.asVoid(Effect.andThen(publishTurn, PubSub.end(pubsub, end))),
      })
    }),
  )
}

type Frames = Arr.NonEmptyReadonlyArray<Uint8Array>

/** The frames of a subscription; fails with `ClientTooSlow` where some were lost. */
export const frames = ({
  first,
  messages,
}: EventSubscription): Stream.Stream<Uint8Array, ClientTooSlow> =>
  Stream.transformPull(Stream.fromSubscription(messages), (pull) =>
    Effect.sync(() => {
      let next = first
      return Effect.flatMap(pull, (taken): Pull.Pull<Frames, ClientTooSlow> => {
        const events = taken.filter((message) => message !== end)
        if (!Arr.isArrayNonEmpty(events)) return Cause.done()
        const missed = events[0].sequence - next
        next = events[0].sequence + events.length
        return missed > 0
          ? failTooSlow(missed)
          : Effect.succeed(Arr.map(events, ({ frame }) => frame))
      })
    }),
  )

const failTooSlow = (missed: number) => {
  const error = new ClientTooSlow({ missed })
  return Effect.andThen(
    Effect.logWarning(`${error.message} Its connection is reset.`),
    Effect.fail(error),
  )
}
