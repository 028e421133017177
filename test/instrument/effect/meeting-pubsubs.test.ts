import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as MutableRef from "effect/MutableRef"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import {
  meetPubSubs,
  type PubSubMeetings,
} from "../../../otel/instrument/effect/meeting-pubsubs.ts"

/** Runs a program while its PubSubs are met. */
const meeting = <A>(program: Effect.Effect<A>, met: Partial<PubSubMeetings> = {}) =>
  Effect.acquireUseRelease(
    Effect.sync(() => meetPubSubs({ made: () => {}, subscribed: () => {}, ...met })),
    () => program,
    (forget) => Effect.sync(forget),
  )

describe("a program whose PubSubs are met", () => {
  it.effect("keeps nothing for references that turn out to be part of none", () =>
    meeting(
      Effect.withFiber((fiber) =>
        Effect.gen(function* () {
          const waiting = () => Array.from<unknown>(Reflect.get(fiber, "_stack")).length
          const before = waiting()
          for (let made = 0; made < 100; made++) {
            MutableRef.make(Option.none())
            yield* Effect.yieldNow
          }
          // One for each copy of the library in the process.
          strictEqual(waiting() - before <= 2, true)
        }),
      ),
    ),
  )

  it.effect("makes a PubSub right after such a reference, and that is met", () => {
    const made: Array<unknown> = []
    const program = Effect.gen(function* () {
      MutableRef.make(Option.none())
      deepStrictEqual(made, [yield* PubSub.unbounded()])
    })
    return meeting(program, { made: (_, pubsub) => made.push(pubsub) })
  })

  it.effect("has references that hold what they hold as they would", () =>
    meeting(
      Effect.sync(() =>
        deepStrictEqual(Object.getOwnPropertyDescriptor(MutableRef.make(1), "current"), {
          value: 1,
          writable: true,
          enumerable: true,
          configurable: true,
        }),
      ),
    ),
  )
})
