import { strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import type { AnyFiber } from "../../../otel/instrument/effect/fibers.ts"
import { learnSteps, PullSteps } from "../../../otel/instrument/effect/stream-steps.ts"
import { observeSubscription } from "../../../otel/instrument/effect/subscriptions.ts"

type Events = Stream.Stream<string, unknown>
type Body = (events: Events) => Stream.Stream<unknown, unknown>

const hangs = () => Effect.never
const fails = () => Effect.fail("enough")

/** Whether the body that has taken a message is at work on it, and wants more. */
const isAtWork = (body: Body, isWaiting: boolean) =>
  Effect.gen(function* () {
    const bus = yield* PubSub.sliding<string>(2)
    const subscription = yield* PubSub.subscribe(bus)
    const stream = body(Stream.fromSubscription(subscription))
    const made = yield* Channel.toPullScoped(Stream.toChannel(stream), yield* Effect.scope)
    const pull = Effect.map(made, (element) => element)
    let fiber: AnyFiber | undefined
    let steps: PullSteps | undefined
    const took = () => {
      const taking = fiber ?? Fiber.getCurrent()
      if (taking !== undefined) steps ??= new PullSteps(taking, pull)
    }
    observeSubscription(subscription, { asked: () => {}, released: () => {}, took })
    if (!isWaiting) yield* PubSub.publish(bus, "event")
    fiber = yield* Effect.forkChild(Effect.forever(pull), { startImmediately: true })
    yield* TestClock.adjust("1 second")
    if (isWaiting) yield* PubSub.publish(bus, "event")
    yield* TestClock.adjust("1 second")
    return steps?.isAtWork()
  }).pipe(Effect.scoped)

const expectAll = (expected: boolean, bodies: Readonly<Record<string, Body>>) => {
  const all = Object.entries(bodies).flatMap(([name, body]) =>
    [true, false].map((isWaiting) => ({ name, body, isWaiting })),
  )
  it.effect.each(all)("$name, and had to wait for it: $isWaiting", ({ body, isWaiting }) =>
    Effect.map(isAtWork(body, isWaiting), (found) => strictEqual(found, expected)),
  )
}

describe("a body that works on what it took, and wants more", () => {
  expectAll(true, {
    "an effect for each": (events) => Stream.mapEffect(events, hangs),
    "a tap": (events) => Stream.tap(events, hangs),
    "an effect among other operators": (events) =>
      events.pipe(
        Stream.filter((event) => event !== ""),
        Stream.map((event) => event.length),
        Stream.mapEffect(hangs),
        Stream.map(String),
        Stream.encodeText,
      ),
    "an effect after a greeting": (events) =>
      Stream.concat(Stream.make("hello"), Stream.mapEffect(events, hangs)),
    "an effect in what a handler made": (events) =>
      Stream.unwrap(Effect.succeed(Stream.mapEffect(events, hangs))),
  })
})

describe("a body that may have had enough, or goes on with something else", () => {
  expectAll(false, {
    "the first": (events) => Stream.mapEffect(Stream.take(events, 1), hangs),
    "the first result": (events) => Stream.take(Stream.mapEffect(events, hangs), 1),
    "until something": (events) =>
      Stream.mapEffect(
        Stream.takeUntil(events, () => true),
        hangs,
      ),
    "until an effect says so": (events) => Stream.takeUntilEffect(events, hangs),
    "while something": (events) =>
      Stream.mapEffect(
        Stream.takeWhile(events, () => true),
        hangs,
      ),
    "until it is halted": (events) =>
      Stream.mapEffect(Stream.haltWhen(events, Effect.never), hangs),
    "until it is interrupted": (events) =>
      Stream.interruptWhen(Stream.mapEffect(events, hangs), Effect.never),
    "the head": (events) => Stream.fromEffect(Effect.andThen(Stream.runHead(events), Effect.never)),
    "a stream for each": (events) => Stream.flatMap(events, () => Stream.never),
    "a stream for the latest": (events) => Stream.switchMap(events, () => Stream.never),
    "another stream after a failure": (events) =>
      Stream.catch(Stream.mapEffect(events, fails), () => Stream.fromEffect(Effect.never)),
    "work on what comes instead after a failure": (events) =>
      Stream.mapEffect(
        Stream.catch(Stream.mapEffect(events, fails), () => Stream.make("instead")),
        hangs,
      ),
  })
})

it.effect("learns what operators look like", () =>
  Effect.map(learnSteps, (isLearned) => strictEqual(isLearned, true)),
)
