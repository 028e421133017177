import { describe, expect, it } from "vitest"
import { largeTrace } from "../../bench/large-trace.ts"
import * as A from "../../otel/attributes.ts"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { judge } from "../../otel/lifetimes/judge.ts"
import type { Exchange } from "../../otel/lifetimes/model.ts"
import type { Moment } from "../../otel/lifetimes/rule.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { layoutOf } from "../../otel/timeline/layout.ts"
import {
  afterwards,
  at,
  client,
  exchange,
  feederFailed,
  fiber,
  finalizer,
  live,
  queue,
  scope,
  sourceEnd,
  stream,
  subscription,
} from "./exchange.ts"

/** Twice as many lifetimes may take as much longer. */
const perDoubling = 2.5

/** One group of lifetimes that belong together, of which an exchange has many. */
type Group = (number: number) => Partial<Exchange>

const named = (name: string) => ({ span: { traceId: "trace", spanId: name }, name })

const own = (number: number, more: Parameters<typeof scope>[2] = {}) =>
  scope(`scope ${number}`, [number, number + 0.9], more)

const read = (number: number, more: Parameters<typeof subscription>[2] = {}) =>
  subscription(own(number), [number + 0.1, number + 0.9], { ...named(`bus ${number}`), ...more })

const run = (number: number, more: Parameters<typeof stream>[1] = {}) =>
  stream([number + 0.2, number + 0.8], {
    ...named(`event ${number}`),
    fiber: number,
    reads: [`bus ${number}`],
    ...more,
  })

const stillOpen = { endedAt: undefined, closedAt: undefined, releasedBy: undefined }

const groups: Readonly<Record<string, Group>> = {
  "streams that end well": (n) => ({
    scopes: [own(n)],
    subscriptions: [read(n)],
    streams: [run(n)],
  }),
  "streams that a scope cuts off": (n) => ({
    scopes: [own(n)],
    subscriptions: [read(n)],
    streams: [
      run(n, {
        startedAt: at(n + 1),
        endedAt: at(n + 2),
        endedBy: "released",
        endedBySubscription: `bus ${n}`,
      }),
    ],
  }),
  "scopes that another fiber closes": (n) => ({
    scopes: [own(n, { role: "connection", closedByFiber: -1 - n })],
    subscriptions: [read(n)],
    streams: [run(n, { endedBy: "released", endedBySubscription: `bus ${n}` })],
  }),
  "streams that lose what nobody traced": (n) => ({
    scopes: [own(n, { closedByFiber: n })],
    streams: [
      run(n, {
        reads: [],
        startedAt: at(n + 0.5),
        endedAt: at(n + 1),
        endedBy: "released",
        cutOff: { at: at(n + 0.95), by: n },
      }),
    ],
  }),
  "streams that fail": (n) => ({
    scopes: [own(n, { handsOut: true })],
    subscriptions: [read(n)],
    streams: [
      run(n, { endedBy: "failure", failure: { type: "E", message: "no", defect: undefined } }),
    ],
  }),
  "subscriptions that leak": (n) => ({
    scopes: [own(n, { ...stillOpen, unowned: true, left: 3 })],
    subscriptions: [read(n, { ...stillOpen, unreadPublishAt: at(5_000) })],
    streams: [run(n)],
    orphans: [fiber([n], { ...named(`fiber ${n}`), id: n })],
    finalizers: [finalizer([n], named(`finalizer ${n}`))],
  }),
  "streams that starve": (n) => ({
    scopes: [own(n)],
    subscriptions: [
      read(n, {
        ...stillOpen,
        readByFork: true,
        sourceEnd: sourceEnd(n + 0.5, { replaced: true }),
        ownerClosed: true,
      }),
    ],
    streams: [run(n, { endedAt: undefined })],
  }),
  "streams whose feeder failed": (n) => ({
    scopes: [own(n)],
    subscriptions: [read(n, { ...stillOpen, feederFailed: feederFailed(n) })],
    queues: [queue([n], { ...named(`queue ${n}`), readBy: [`event ${n}`], withinStream: true })],
    streams: [run(n, { endedAt: undefined })],
  }),
  "queues that grow": (n) => ({
    queues: [
      queue([n], {
        ...named(`queue ${n}`),
        readBy: [`event ${n}`],
        backlog: 2_000,
        backlogMax: 2_000,
        fullFor: 2_000_000,
      }),
    ],
    streams: [run(n, { reads: [], endedAt: undefined })],
  }),
  "subscriptions that are asked too late": (n) => ({
    scopes: [own(n)],
    subscriptions: [read(n, { untracedReadAt: at(n + 1) })],
  }),
  "streams that read the same": (n) => ({
    subscriptions: n === 0 ? [read(0)] : [],
    streams: [run(n, { reads: ["bus 0"] })],
  }),
}

/** What was read from spans: so many groups in one exchange. */
const large = (group: Group, size: number, more: Partial<Exchange>): Exchange => {
  const all = Array.from({ length: size }, (_, number) => group(number))
  return {
    ...exchange([0, 4_000], { handlerReturnedAt: at(0), failed: true, ...more }),
    scopes: all.flatMap(({ scopes = [] }) => scopes),
    subscriptions: all.flatMap(({ subscriptions = [] }) => subscriptions),
    queues: all.flatMap(({ queues = [] }) => queues),
    streams: all.flatMap(({ streams = [] }) => streams),
    orphans: all.flatMap(({ orphans = [] }) => orphans),
    finalizers: all.flatMap(({ finalizers = [] }) => finalizers),
    isLarge: true,
  }
}

/** Counts each time that something of it is read. */
const counting = (): { readonly of: <A extends object>(it: A) => A; reads: number } => {
  const known = new WeakMap<object, object>()
  const counter = {
    reads: 0,
    of: <A extends object>(it: A): A =>
      new Proxy(it, {
        get: (target, key) => {
          counter.reads += 1
          const value: unknown = Reflect.get(target, key)
          if (typeof value !== "object" || value === null) return value
          const wrapped = known.get(value) ?? counter.of(value)
          known.set(value, wrapped)
          return wrapped
        },
      }),
  }
  return counter
}

const readsOf = (group: Group, size: number, more: Partial<Exchange>, moment: Moment): number => {
  const counter = counting()
  judge(counter.of(large(group, size, more)), moment)
  return counter.reads
}

const states: ReadonlyArray<readonly [string, Partial<Exchange>, Moment]> = [
  ["ended", { endedBy: "server" }, afterwards],
  ["left by its client", { endedBy: "client", client: client(4_000, "client") }, afterwards],
  ["of a call", { endedBy: "server", route: "RPC ticks" }, afterwards],
  ["open", { endedAt: undefined, endedBy: undefined }, live(4_000)],
]

const cases = Object.entries(groups).flatMap(([name, group]) =>
  states.map(([state, more, moment]) => [name, state, group, more, moment] as const),
)

describe("an exchange with an index is judged as one without:", () => {
  it.each(cases)("%s, %s", (_, __, group, more, moment) => {
    const judged = large(group, 40, more)
    expect(judge(judged, moment)).toEqual(judge({ ...judged, isLarge: false }, moment))
  })
})

describe("judging one exchange costs no more than twice as much where it is twice as large:", () => {
  it.each(cases)("%s, %s", (_, __, group, more, moment) => {
    const [half, whole] = [readsOf(group, 150, more, moment), readsOf(group, 300, more, moment)]
    expect(whole / half).toBeLessThan(perDoubling)
  })
})

describe("drawing one exchange costs no more than twice as much where it is twice as large:", () => {
  it.each(cases)("%s, %s", (_, __, group, more, moment) => {
    const [half = 0, whole = 0] = [150, 300].map((size) => {
      const counter = counting()
      const exchange = large(group, size, more)
      layoutOf(counter.of(exchange), judge(exchange, moment).matches)
      return counter.reads
    })
    expect(whole / half).toBeLessThan(perDoubling)
  })
})

const healthy = (span: Span): Span =>
  span.name.startsWith("stream ")
    ? {
        ...span,
        startedAt: span.startedAt - 400,
        endedAt: span.endedAt - 650,
        attributes: { ...span.attributes, [A.STREAM_ENDED_BY]: "upstream" },
        events: span.events.map((event) => ({
          ...event,
          time: event.time - 650,
          attributes: { [A.EXIT]: "success" },
        })),
      }
    : span

/** The least CPU time of a few rounds, in ms: what else the machine does only adds to it. */
const cpuOf = (work: () => void): number => {
  const rounds = Array.from({ length: 4 }, () => {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1_000
  })
  return Math.min(...rounds)
}

describe("diagnosing one trace of tens of thousands of spans", () => {
  it.each([
    ["without a bug", (size: number) => largeTrace(size).map(healthy)],
    ["with a finding for each stream", (size: number) => largeTrace(size)],
  ])(
    "takes a time that grows with their number: %s",
    (_, make) => {
      const [few, many] = [make(5_000), make(20_000)]
      const [before, after] = [cpuOf(() => diagnose(few)), cpuOf(() => diagnose(many))]
      // Two doublings; the garbage of the larger one costs more. It was 18 where lists were searched.
      expect(after / before).toBeLessThan(9)
    },
    60_000,
  )
})
