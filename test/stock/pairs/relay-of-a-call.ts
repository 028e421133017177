import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { calling } from "../calling.ts"
import type { Pair } from "../pair.ts"
import { becomes, settle, ticking } from "../stage.ts"

type Relay = PubSub.PubSub<string>

/** Calls read what the first of them makes, in its own scope or in that of the application. */
const call = Effect.fnUntraced(function* (
  inScope: (
    making: Effect.Effect<Relay, never, Scope.Scope>,
    application: Scope.Scope,
  ) => Effect.Effect<Relay, never, Scope.Scope>,
) {
  const application = yield* Effect.scope
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick")
  const makeRelay = Effect.fn("makeRelay")(function* () {
    const made = yield* Effect.acquireRelease(PubSub.sliding<string>(64), PubSub.shutdown)
    const subscription = yield* PubSub.subscribe(bus)
    const pass = Effect.flatMap(PubSub.take(subscription), (tick) => PubSub.publish(made, tick))
    yield* Effect.forkScoped(Effect.forever(pass))
    return made
  })
  let relay: Relay | undefined
  const listen = Effect.gen(function* () {
    relay ??= yield* inScope(makeRelay(), application)
    return Stream.fromSubscription(yield* PubSub.subscribe(relay))
  })
  const ticks = yield* calling("/relay-of-a-call", Stream.unwrap(listen))
  let first = 0
  let second = 0
  const leaving = yield* Effect.forkScoped(
    Stream.runForEach(ticks, () => Effect.sync(() => first++)),
  )
  yield* becomes(() => first > 0)
  const staying = yield* Effect.forkScoped(
    Stream.runForEach(ticks, () => Effect.sync(() => second++)),
  )
  yield* becomes(() => second > 0)
  yield* Fiber.interrupt(leaving)
  yield* settle
  const before = second
  yield* settle
  const right = staying.pollUnsafe() === undefined && second > before
  yield* Fiber.interrupt(staying)
  yield* settle
  return right
})

export const pair: Pair = {
  rule: "upstream-bound-to-first-consumer",
  alone: true,
  broken: call((making) => making),
  fixed: call((making, application) => Scope.provide(making, application)),
}
