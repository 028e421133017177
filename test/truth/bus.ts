import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"

/** The last message of a bus that ends. Whoever takes on after that is given it again, for ever. */
export const bye = "bye"

/** What comes from the bus, until that ends. */
export const eventsOf = (subscription: PubSub.Subscription<string>): Stream.Stream<string> =>
  Stream.takeUntil(Stream.fromSubscription(subscription), (event) => event === bye)

/** Passes every event on, until the bus ends. */
export const passOn = <A, E>(
  subscription: PubSub.Subscription<string>,
  pass: (event: string) => Effect.Effect<A, E>,
): Effect.Effect<void, E> =>
  Effect.flatMap(PubSub.take(subscription), (event) => Effect.as(pass(event), event)).pipe(
    Effect.repeat({ until: (event) => event === bye }),
    Effect.asVoid,
  )
