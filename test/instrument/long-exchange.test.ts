import { deepStrictEqual, ok, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedPubSub, tracedScope, tracedStream } from "../../otel/index.ts"
import { Registry } from "../../otel/instrument/records/registry.ts"
import { answer, eventStream } from "./exchange.ts"
import { endedStream, Recording, recorded } from "./recording.ts"

/** Messages in one exchange, and how many lifetimes may be kept of them. */
const messages = 5_000
const bound = 1_000

const bus = PubSub.unbounded<number>({ replay: 1 }).pipe(tracedPubSub("bus"))

const numbers = Stream.range(1, messages).pipe(Stream.rechunk(1))

/** What a message does that is answered as it should be: it reads one event, and lets go. */
const healthy = (pubsub: PubSub.PubSub<number>) =>
  Effect.flatMap(subscribeTraced(pubsub), (subscription) =>
    Stream.fromSubscription(subscription).pipe(
      Stream.take(1),
      tracedStream("message"),
      Stream.runDrain,
    ),
  ).pipe(tracedScope("message"))

/** And one whose scope closes before its stream begins. */
const broken = (pubsub: PubSub.PubSub<number>) =>
  Effect.flatMap(subscribeTraced(pubsub).pipe(tracedScope("too-short")), (subscription) =>
    Stream.fromSubscription(subscription).pipe(tracedStream("broken"), Stream.runDrain),
  ).pipe(Effect.exit)

/** How many lifetimes the open exchange keeps. */
const kept = Effect.map(Registry, ({ exchanges }) => {
  const [exchange] = exchanges
  if (exchange === undefined) throw new Error("the exchange is not open")
  const { scopes, subscriptions, queues, streams } = exchange
  return scopes.length + subscriptions.length + queues.length + streams.length
})

/** Serves all the messages in one exchange; gives how many lifetimes it kept at most. */
const serve = Effect.fnUntraced(function* (
  message: (number: number) => Effect.Effect<unknown, unknown, Registry | Scope.Scope>,
  last: Effect.Effect<unknown, never, Scope.Scope> = Effect.void,
) {
  let most = 0
  const context = yield* Effect.context<Registry>()
  const one = (number: number) =>
    Effect.andThen(
      message(number),
      Effect.map(kept, (count) => {
        most = Math.max(most, count)
      }),
    )
  const body = numbers.pipe(Stream.mapEffect(one), Stream.concat(Stream.fromEffectDrain(last)))
  const handler = Effect.map(Effect.scope, (scope) =>
    eventStream(
      body.pipe(
        tracedStream("event"),
        Stream.provideContext(Context.add(context, Scope.Scope, scope)),
      ),
    ),
  )
  yield* Effect.exit(answer(handler))
  return most
})

/** What was found about the exchange, when all was over. */
const findings = Effect.map(Recording, ({ ended }) => {
  const exchange = ended.find(({ name }) => name === "request")?.exchange
  return exchange?.matches.map(({ rule, confidence, operation }) => [rule, confidence, operation])
})

/** How many of each name were told, none of them twice. */
const told = Effect.map(Recording, ({ ended }) => {
  strictEqual(new Set(ended.map(({ span }) => span.spanId)).size, ended.length)
  const counts: Record<string, number> = {}
  for (const { name } of ended) counts[name] = (counts[name] ?? 0) + 1
  return counts
})

const early = ["scope-closed-early", "certain", "scope too-short"]

describe("an exchange with a stream and a subscription for each of many messages", () => {
  it.effect("keeps few of them, and tells of each once", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* PubSub.publish(pubsub, 1)
      const most = yield* serve(() => healthy(pubsub))
      ok(most < bound, `${most} were kept`)
      const counts = yield* told
      deepStrictEqual(
        [counts.request, counts.message, counts.bus, counts.event],
        [1, 2 * messages, messages, 1],
      )
      deepStrictEqual(yield* findings, [])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("tells of them while it is open", () =>
    Effect.gen(function* () {
      const { ended } = yield* Recording
      const pubsub = yield* bus
      yield* PubSub.publish(pubsub, 1)
      let before = 0
      yield* serve(
        () => healthy(pubsub),
        Effect.sync(() => {
          before = ended.length
        }),
      )
      ok(before > 3 * messages - bound, `${before} were told`)
    }).pipe(Effect.provide(recorded())),
  )

  for (const position of [100, messages]) {
    it.effect(`has a finding where message ${position} is broken`, () =>
      Effect.gen(function* () {
        const pubsub = yield* bus
        yield* PubSub.publish(pubsub, 1)
        yield* serve((number) => (number === position ? broken(pubsub) : healthy(pubsub)))
        deepStrictEqual(yield* findings, [early])
        const counts = yield* told
        deepStrictEqual([counts.broken, counts["too-short"]], [1, 1])
      }).pipe(Effect.provide(recorded())),
    )
  }

  it.effect("keeps few of them where each is broken, and tells of each once", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      const most = yield* serve(() => broken(pubsub))
      ok(most < bound, `${most} were kept`)
      const counts = yield* told
      deepStrictEqual([counts.broken, counts["too-short"]], [messages, messages])
      deepStrictEqual((yield* findings)?.[0], early)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("keeps few of them where each stream fails, and knows the last that did", () =>
    Effect.gen(function* () {
      const failing = Stream.die(new Error("Service not found: X")).pipe(tracedStream("failing"))
      const most = yield* serve(() => Effect.exit(Stream.runDrain(failing)), Effect.die("over"))
      ok(most < bound, `${most} were kept`)
      strictEqual((yield* told).failing, messages)
      deepStrictEqual(yield* findings, [["context-lost", "certain", "stream failing"]])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("keeps few of those that its body reads itself", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* PubSub.publish(pubsub, 1)
      const most = yield* serve(() =>
        Effect.scoped(Effect.flatMap(subscribeTraced(pubsub), PubSub.take)),
      )
      ok(most < bound, `${most} were kept`)
      strictEqual((yield* told).bus, messages)
      const { readsFrom } = yield* endedStream("event")
      ok(readsFrom.length < bound, `${readsFrom.length} reads were kept`)
      deepStrictEqual(yield* findings, [])
    }).pipe(Effect.provide(recorded())),
  )
})

describe("an exchange with a queue for each of many messages", () => {
  const request = (end: (queue: Queue.Queue<number>) => Effect.Effect<unknown>) =>
    Effect.gen(function* () {
      const queue = yield* Queue.unbounded<number>()
      yield* Effect.forkChild(Queue.offer(queue, 1))
      yield* Queue.take(queue)
      yield* end(queue)
    })

  for (const [title, end] of [
    ["is shut down", Queue.shutdown],
    ["is left to be collected", () => Effect.void],
  ] as const) {
    it.effect(`keeps few of them where each ${title}, and tells of each once`, () =>
      Effect.gen(function* () {
        const most = yield* serve(() => request(end))
        ok(most < bound, `${most} were kept`)
        strictEqual((yield* told)["unnamed queue"], messages)
      }).pipe(Effect.provide(recorded())),
    )
  }
})

describe("a queue of an exchange that its body reads, and many streams within that", () => {
  it.effect("knows the first and the latest of them", () =>
    Effect.gen(function* () {
      const { ended } = yield* Recording
      let queue: Queue.Queue<number> | undefined
      yield* serve(() =>
        Effect.gen(function* () {
          queue ??= yield* Queue.unbounded<number>()
          yield* Effect.forkChild(Queue.offer(queue, 1))
          yield* Queue.take(queue)
          yield* Effect.forkChild(Queue.offer(queue, 1))
          const reading = Stream.take(Stream.fromQueue(queue), 1)
          yield* reading.pipe(tracedStream("message"), Stream.runDrain)
        }),
      )
      const [read] = ended.filter((record) => record.kind === "queue")
      const latest = ended.findLast(({ name }) => name === "message")
      const known = [read?.readBy[0], read?.readBy.at(-1)]
      strictEqual(read?.readBy.length, 64)
      deepStrictEqual(known, [(yield* endedStream("event")).span.spanId, latest?.span.spanId])
    }).pipe(Effect.provide(recorded())),
  )
})

describe("a subscription that was released before its reader began", () => {
  it.effect("is found when it is read, however many have ended since", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      const subscriptions = Effect.forEach(Array.from({ length: 1_000 }), () =>
        subscribeTraced(pubsub),
      ).pipe(tracedScope("too-short"))
      yield* answer(
        Effect.map(subscriptions, ([first]) => {
          if (first === undefined) throw new Error("there is no subscription")
          return eventStream(Stream.fromSubscription(first).pipe(tracedStream("event")))
        }),
      )
      deepStrictEqual(yield* findings, [early])
      strictEqual((yield* told).bus, 1_000)
    }).pipe(Effect.provide(recorded())),
  )
})
