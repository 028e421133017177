import { deepStrictEqual, notStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { subscribeTraced, tracedPubSub, tracedStream } from "../../otel/index.ts"
import type { ExchangeRecord, LifetimeRecord } from "../../otel/instrument/records/record.ts"
import type { Lifetime, SourceEnd, StreamRun, Subscription } from "../../otel/lifetimes/model.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { fiberSpan } from "../../otel/lifetimes/spans/fiber.ts"
import { scopeSpan } from "../../otel/lifetimes/spans/scope.ts"
import { streamSpan } from "../../otel/lifetimes/spans/stream.ts"
import { subscriptionSpan } from "../../otel/lifetimes/spans/subscription.ts"
import { answer } from "../instrument/exchange.ts"
import {
  endedScope,
  endedStream,
  endedSubscription,
  orphanFibers,
  recorded,
} from "../instrument/recording.ts"
import { exported, now } from "./exported.ts"

const spanOf = (record: LifetimeRecord): Span => {
  const [span] = exported((sink) => sink.export(record))
  if (span === undefined) throw new Error("nothing was exported")
  return span
}

/** The same lifetime as the rules see it live. */
const asLive = (read: Lifetime, record: LifetimeRecord): unknown =>
  Object.fromEntries(Object.keys(read).map((key) => [key, Reflect.get(record, key)]))

/** One exchange with a lifetime of each kind; all of it has ended. */
const lifetimes = Effect.gen(function* () {
  const bus = yield* PubSub.sliding<number>(8).pipe(tracedPubSub("bus"))
  const handler = Effect.gen(function* () {
    const subscription = yield* subscribeTraced(bus)
    yield* PubSub.publish(bus, 1)
    yield* Stream.fromSubscription(subscription).pipe(
      tracedStream("event"),
      Stream.take(1),
      Stream.runDrain,
    )
    yield* Effect.forkDetach(Effect.sleep(5_000))
    return HttpServerResponse.empty()
  })
  yield* answer(handler)
  yield* TestClock.adjust(9_000)
  const [fiber] = yield* orphanFibers
  const { exchange } = yield* endedStream("event")
  if (fiber === undefined || exchange === undefined) throw new Error("something is missing")
  return {
    scope: yield* endedScope("request"),
    subscription: yield* endedSubscription("bus"),
    stream: yield* endedStream("event"),
    fiber,
    exchange,
  }
}).pipe(Effect.provide(recorded()))

const foreign = { traceId: "f".repeat(32), spanId: "e".repeat(16) }

const sourceEnd = (more: Partial<SourceEnd>): SourceEnd => ({
  at: 3_000_001,
  how: "shutdown",
  by: undefined,
  code: undefined,
  replaced: false,
  byReader: false,
  byHandler: false,
  ...more,
})

const subscriptions: ReadonlyArray<readonly [what: string, fields: Partial<Subscription>]> = [
  ["as it was", {}],
  ["that is open", { endedAt: undefined, releasedBy: undefined }],
  ["that was late", { missedBefore: 7 }],
  ["that is given what was published before", { replays: true }],
  ["that was full", { missed: 3, backlog: 8, backlogMax: 8, fullFor: 1_234_567 }],
  ["that has no bound", { capacity: undefined, backlog: 70_000, backlogMax: 90_000 }],
  ["that a fork reads", { readByFork: true }],
  ["that is finished", { finished: true, releasedBy: undefined }],
  [
    "that is owned elsewhere",
    { owner: { name: "application", spanId: foreign.spanId, inExchange: false } },
  ],
  [
    "that an untraced scope owns",
    { owner: { name: "an untraced scope", spanId: undefined, inExchange: false } },
  ],
  [
    "that was published to and read afterwards",
    { unreadPublishAt: 4_000_000, untracedReadAt: 5_000_001 },
  ],
  ["whose PubSub was shut down", { sourceEnd: sourceEnd({}) }],
  ["whose PubSub ended", { sourceEnd: sourceEnd({ how: "ended" }) }],
  ["whose PubSub was replaced", { sourceEnd: sourceEnd({ replaced: true }) }],
  ["whose owner closed early", { ownerClosed: true }],
  [
    "whose PubSub a scope of another exchange shut down",
    {
      sourceEnd: sourceEnd({
        by: { name: "request", span: foreign, belongsTo: "another exchange" },
      }),
    },
  ],
  [
    "whose PubSub a scope of the program shut down",
    { sourceEnd: sourceEnd({ by: { name: "", span: foreign, belongsTo: "the program" } }) },
  ],
]

const failure = { type: "RangeError", message: "too far", defect: false }

const streams: ReadonlyArray<readonly [what: string, fields: Partial<StreamRun>]> = [
  ["as it was", {}],
  ["that runs", { endedAt: undefined, exit: undefined, endedBy: undefined }],
  ["that failed", { exit: "failure", endedBy: "failure", failure }],
  ["that was turned away", { refused: { at: 2_000_000, subscription: foreign.spanId } }],
  ["whose subscription was released", { endedBy: "released", endedBySubscription: foreign.spanId }],
  [
    "whose subscription another exchange released",
    {
      endedBy: "released",
      endedBySubscription: foreign.spanId,
      endedByForeign: {
        subscription: foreign,
        name: "relay",
        owner: "request",
        code: { function: "open", file: "/app/open.ts", line: 3 },
        belongsTo: "another exchange",
        releasedFor: 5_000,
      },
    },
  ],
]

describe("what is read back from an exported span", () => {
  it.effect.each(subscriptions)("is the live subscription %s", ([, fields]) =>
    Effect.gen(function* () {
      const { subscription } = yield* lifetimes
      const record = Object.assign(subscription, fields)
      const read = subscriptionSpan.read(spanOf(record))
      deepStrictEqual(read, asLive(read, record))
    }),
  )

  it.effect("is a source's end within the exchange, without a trace of its own", () =>
    Effect.gen(function* () {
      const { subscription, scope } = yield* lifetimes
      const by = { name: "request", span: scope.span, belongsTo: "this exchange" } as const
      const record = Object.assign(subscription, { sourceEnd: sourceEnd({ by }) })
      deepStrictEqual(subscriptionSpan.read(spanOf(record)).sourceEnd, record.sourceEnd)
    }),
  )

  it.effect.each(streams)("is the live stream %s", ([, fields]) =>
    Effect.gen(function* () {
      const { stream } = yield* lifetimes
      const { reads, ...rest } = fields
      const record = Object.assign(stream, rest)
      const read = streamSpan.read(spanOf(record))
      deepStrictEqual(read, asLive(read, record))
    }),
  )

  it.effect("is the live scope", () =>
    Effect.gen(function* () {
      const { scope } = yield* lifetimes
      const read = scopeSpan.read(spanOf(scope))
      deepStrictEqual(read, asLive(read, scope))
    }),
  )

  it.effect.each([
    ["that ended", {}],
    ["that runs", { endedAt: undefined }],
  ] as const)("is the live fiber %s", ([, fields]) =>
    Effect.gen(function* () {
      const record = Object.assign((yield* lifetimes).fiber, fields)
      const read = fiberSpan.read(spanOf(record))
      deepStrictEqual(read, asLive(read, record))
    }),
  )
})

describe("the span of a lifetime", () => {
  it.effect("carries the finding about a fiber of the program", () =>
    Effect.gen(function* () {
      const { fiber, exchange } = yield* lifetimes
      const [match] = exchange.matches
      const { attributes } = spanOf(Object.assign(fiber, { match }))
      strictEqual(attributes["lifetime.finding"], "orphan-fiber")
    }),
  )

  it.effect("of a fiber hangs under its exchange and is called after the fiber", () =>
    Effect.gen(function* () {
      const { fiber, exchange } = yield* lifetimes
      const { name, parentSpanId, traceId } = spanOf(fiber)
      deepStrictEqual(
        [name, parentSpanId, traceId],
        [`fiber ${fiber.name}`, exchange.span.spanId, exchange.span.traceId],
      )
    }),
  )
})

describe("a finding that is told live", () => {
  const told = (exchange: ExchangeRecord) =>
    exported((sink) => {
      for (const match of exchange.matches) sink.exportFinding(exchange, match, now)
    })

  it.effect("travels on the marker of its exchange once that has been open for a second", () =>
    Effect.gen(function* () {
      const { exchange } = yield* lifetimes
      const namesAfter = (micros: number) =>
        exported((sink) => sink.exportOpen([exchange], exchange.startedAt + micros)).map(
          ({ name }) => name,
        )
      deepStrictEqual(namesAfter(999_999), [])
      deepStrictEqual(namesAfter(1_000_000), ["open GET /event"])
    }),
  )

  it.effect("about a fiber of the program is the root of a trace of its own", () =>
    Effect.gen(function* () {
      const { exchange, fiber } = yield* lifetimes
      const [match] = exchange.matches
      const ofProgram = Object.assign(fiber, { match, exchange: undefined, parentSpan: undefined })
      const [, finding] = exported((sink) => sink.export(ofProgram))
      deepStrictEqual(
        [finding?.name, finding?.parentSpanId, finding?.links.map(({ spanId }) => spanId)],
        ["finding orphan-fiber", undefined, [fiber.span.spanId]],
      )
      notStrictEqual(finding?.traceId, fiber.span.traceId)
    }),
  )

  it.effect(
    "begins with its exchange where its cause was before that, and says when that was",
    () =>
      Effect.gen(function* () {
        const { exchange } = yield* lifetimes
        const [match] = exchange.matches
        if (match === undefined) throw new Error("nothing was found")
        const [scope, stream] = [exchange.scopes[0], exchange.streams[0]]
        Object.assign(scope ?? {}, { closedAt: exchange.startedAt - 1_500 })
        Object.assign(stream ?? {}, { endedBy: "released" })
        const spanIds = [scope, stream].flatMap((one) => one?.span.spanId ?? [])
        const [span] = exported((sink) => sink.exportFinding(exchange, { ...match, spanIds }, now))
        deepStrictEqual(
          [span?.startedAt, span?.endedAt, span?.attributes["lifetime.cause_time"]],
          [
            exchange.startedAt,
            stream?.endedAt,
            new Date((exchange.startedAt - 1_500) / 1000).toISOString(),
          ],
        )
      }),
  )

  it.effect("is a span of its own, not in error where it is a warning", () =>
    Effect.gen(function* () {
      const { exchange, fiber } = yield* lifetimes
      deepStrictEqual(
        told(exchange).map(({ name, status, links }) => [
          name,
          status.code,
          links.map(({ spanId }) => spanId),
        ]),
        [["finding orphan-fiber", "unset", [fiber.span.spanId]]],
      )
    }),
  )
})
