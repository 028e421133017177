import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { answer, eventStream } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

type Bus = PubSub.PubSub<number>

const Events = Context.Service<Bus>("test/Events")

const makeBus = PubSub.sliding<number>(16)

const layerEvents = Layer.effect(Events, makeBus)

const buildAgain = <A>(layer: Layer.Layer<A>) =>
  Effect.flatMap(Effect.scope, (scope) =>
    Layer.buildWithMemoMap(layer, Layer.makeMemoMapUnsafe(), scope),
  )

/** What is built beside it. */
class Beside extends Context.Service<Beside, string>()("test/Beside") {}

const worker = Layer.merge(layerEvents, Layer.effect(Beside, Effect.succeed("worker")))

const built = Effect.map(buildAgain(layerEvents), Context.get(Events))
const builtInWorker = Effect.map(buildAgain(worker), Context.get(Events))

const publish = (bus: Bus, count: number) =>
  Effect.forEach(Array.from({ length: count }), () => PubSub.publish(bus, 1))

/** What is found of a client that reads one bus for ten seconds, while something is done. */
const foundOf = (read: Bus, meanwhile: Effect.Effect<unknown>) =>
  Effect.gen(function* () {
    const handler = Effect.map(PubSub.subscribe(read), (subscription) =>
      eventStream(Stream.fromSubscription(subscription)),
    )
    const client = yield* Effect.forkChild(answer(handler), { startImmediately: true })
    yield* TestClock.adjust(100)
    yield* meanwhile
    yield* TestClock.adjust("10 seconds")
    yield* Fiber.interrupt(client)
    yield* TestClock.adjust("10 seconds")
    const { findings } = yield* Recording
    return findings.map(({ rule, operation }) => `${rule}, ${operation}`)
  })

const lifetimes = recorded({ grace: 1_000, markOpen: true })

const starved = ["starved-stream, subscription unnamed"]

describe("a Layer that is built twice", () => {
  it.effect("is found where one bus is read, and the other is published to", () =>
    Effect.gen(function* () {
      const [read, other] = [yield* built, yield* builtInWorker]
      deepStrictEqual(yield* foundOf(read, publish(other, 3)), starved)
    }).pipe(Effect.scoped, Effect.provide(lifetimes)),
  )

  it.effect("is found whichever was built first, and however they are published", () =>
    Effect.gen(function* () {
      const [other, read] = [yield* built, yield* builtInWorker]
      deepStrictEqual(yield* foundOf(read, PubSub.publishAll(other, [1, 2, 3, 4])), starved)
    }).pipe(Effect.scoped, Effect.provide(lifetimes)),
  )

  it.effect("is found while the client is there", () =>
    Effect.gen(function* () {
      const [read, other] = [yield* built, yield* builtInWorker]
      let told = 0
      yield* foundOf(
        read,
        Effect.gen(function* () {
          yield* publish(other, 3)
          yield* TestClock.adjust("2 seconds")
          told = (yield* Recording).open.length
        }).pipe(Effect.provideContext(yield* Effect.context<Recording>())),
      )
      deepStrictEqual(told, 1)
    }).pipe(Effect.scoped, Effect.provide(lifetimes)),
  )

  const silent = (
    title: string,
    program: (
      read: Bus,
      other: Bus,
    ) => Effect.Effect<unknown, never, Effect.Services<typeof built>>,
    before: (other: Bus) => Effect.Effect<unknown> = () => Effect.void,
  ) =>
    it.effect(`is fine where ${title}`, () =>
      Effect.gen(function* () {
        const [read, other] = [yield* built, yield* builtInWorker]
        yield* before(other)
        const services = yield* Effect.context<Effect.Services<typeof built>>()
        const meanwhile = Effect.provideContext(program(read, other), services)
        deepStrictEqual(yield* foundOf(read, meanwhile), [])
      }).pipe(Effect.scoped, Effect.provide(lifetimes)),
    )

  silent("few were published", (_, other) => publish(other, 2))
  silent(
    "they were published before",
    () => Effect.void,
    (other) => publish(other, 5),
  )
  silent("both are published to", (read, other) =>
    Effect.andThen(publish(other, 5), publish(read, 1)),
  )
  silent("the other has a reader, too", (_, other) =>
    Effect.andThen(PubSub.subscribe(other), publish(other, 5)),
  )
  it.effect("is fine where all else that was built is the same: one program runs twice", () =>
    Effect.gen(function* () {
      const [read, other] = [yield* builtInWorker, yield* builtInWorker]
      deepStrictEqual(yield* foundOf(read, publish(other, 5)), [])
    }).pipe(Effect.scoped, Effect.provide(lifetimes)),
  )
  silent("it is built once more", (_, other) => Effect.andThen(built, publish(other, 5)))
})

describe("a Layer that is built fresh", () => {
  it.effect("is fine where another build of it is read", () =>
    Effect.gen(function* () {
      const read = yield* built
      const other = Context.get(yield* Layer.build(Layer.fresh(layerEvents)), Events)
      deepStrictEqual(yield* foundOf(read, publish(other, 5)), [])
    }).pipe(Effect.scoped, Effect.provide(lifetimes)),
  )
})

describe("a Layer that is built twice, and makes a bus for whatever comes", () => {
  const Many = Context.Service<ReadonlyArray<Bus>>("test/Many")
  const layer = Layer.effect(Many, Effect.all(Array.from({ length: 65 }, () => makeBus)))
  const builtMany = Effect.map(buildAgain(layer), Context.get(Many))
  const builtManyInWorker = Effect.map(buildAgain(Layer.merge(layer, worker)), Context.get(Many))

  const foundOfBoth = (index: number) =>
    Effect.gen(function* () {
      const [read, other] = [(yield* builtMany)[index], (yield* builtManyInWorker)[index]]
      return read && other ? yield* foundOf(read, publish(other, 3)) : undefined
    }).pipe(Effect.scoped, Effect.provide(lifetimes))

  it.effect("is known by the first 64, and no more are kept", () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* foundOfBoth(63), starved)
      deepStrictEqual(yield* foundOfBoth(64), [])
    }),
  )
})

describe("a function that makes a bus", () => {
  it.effect("may make one for each tenant", () =>
    Effect.gen(function* () {
      const [read, other] = [yield* makeBus, yield* makeBus]
      deepStrictEqual(yield* foundOf(read, publish(other, 5)), [])
    }).pipe(Effect.scoped, Effect.provide(lifetimes)),
  )

  it.effect("may make several in one Layer", () =>
    Effect.gen(function* () {
      const Both = Context.Service<readonly [Bus, Bus]>("test/Both")
      const layer = Layer.effect(Both, Effect.all([makeBus, makeBus]))
      const [read, other] = Context.get(yield* Layer.build(layer), Both)
      deepStrictEqual(yield* foundOf(read, publish(other, 5)), [])
    }).pipe(Effect.scoped, Effect.provide(lifetimes)),
  )
})
