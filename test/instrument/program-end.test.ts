import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedPubSub, tracedScope, tracedStream } from "../../otel/index.ts"
import { answer, eventStream } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

/** Runs a program until its layer is closed with everything still open; gives what was told. */
const stoppedWith = <A>(
  program: Effect.Effect<A, never, Layer.Success<ReturnType<typeof recorded>>>,
) =>
  Effect.flatMap(Effect.scope, (outer) =>
    Layer.build(recorded()).pipe(
      Effect.tap((context) =>
        program.pipe(
          Effect.forkIn(outer, { startImmediately: true }),
          Effect.provideContext(context),
        ),
      ),
      Effect.scoped,
      Effect.map((context) =>
        Context.get(context, Recording).ended.map(({ name, endedAt }) => [name, endedAt]),
      ),
    ),
  )

const reading = Effect.gen(function* () {
  const pubsub = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
  const subscription = yield* subscribeTraced(pubsub)
  return Stream.fromSubscription(subscription).pipe(tracedStream("event"))
})

describe("a program that stops with lifetimes open", () => {
  it.effect("tells of those that belong to no exchange", () =>
    Effect.gen(function* () {
      const open = yield* stoppedWith(
        Effect.flatMap(reading, Stream.runDrain).pipe(tracedScope("work")),
      )
      deepStrictEqual(open, [
        ["work", undefined],
        ["bus", undefined],
        ["event", undefined],
      ])
    }),
  )

  it.effect("tells of those of an exchange once each, ended and open", () =>
    Effect.gen(function* () {
      const body = Effect.map(reading, (stream) => {
        const brief = Stream.make(1).pipe(tracedStream("brief"))
        return eventStream(Stream.concat(brief, stream))
      })
      const open = yield* stoppedWith(answer(body))
      deepStrictEqual(open.toSorted(), [
        ["brief", 0],
        ["bus", undefined],
        ["event", undefined],
        ["request", undefined],
      ])
    }),
  )
})
