import { describe, expect, it } from "@effect/vitest"
import type { Exchange, Scope, StreamRun, Subscription } from "../../otel/lifetimes/model.ts"
import { rules } from "../../otel/lifetimes/registry.ts"
import { isUneventful } from "../../otel/lifetimes/uneventful.ts"
import { Random } from "../truth/random.ts"
import {
  at,
  client,
  exchange,
  feederFailed,
  fiber,
  finalizer,
  ownedByProgram,
  queue,
  scope,
  sourceEnd,
  stream,
  subscription,
} from "./exchange.ts"

const grace = 100_000

const moments = [at(-5), at(1), at(2), at(10), at(12), at(90), at(250)] as const

/** One that differs in a thing or two from what nothing is to be said of. */
const mostly = <A>(random: Random, usual: A, ...others: ReadonlyArray<A>): A => {
  const rare = random.chance(0.95) ? others.length : random.int(0, others.length - 1)
  return others.reduce((chosen, other, index) => (index === rare ? other : chosen), usual)
}

const scopeOf = (random: Random): Scope =>
  scope(mostly(random, "request", "handler"), [0, mostly(random, 12, 90, undefined)], {
    role: mostly(random, "request", "handler", "connection"),
    unowned: mostly(random, false, true),
    openedApart: mostly(random, false, true),
    kept: mostly(random, false, true),
    left: mostly(random, 0, 3),
    enteredClosed: mostly(random, false, true),
    handsOut: mostly(random, false, true),
    isAroundCall: mostly(random, false, true),
    firstUse: mostly(random, undefined, { at: at(1), code: undefined }),
  })

const subscriptionOf = (random: Random): Subscription => {
  const owner = scope("request", [0, 12])
  return subscription(owner, [mostly(random, 1, 5), mostly(random, 12, 10, 250, undefined)], {
    owner: mostly<Subscription["owner"]>(
      random,
      { name: owner.name, spanId: owner.span.spanId, inExchange: true },
      ownedByProgram,
    ),
    missed: mostly(random, 0, 3),
    missedBefore: mostly(random, 0, 2),
    backlog: mostly(random, 0, 700),
    backlogMax: mostly(random, 0, 700),
    capacity: mostly(random, undefined, 1, 16),
    fullFor: mostly(random, 0, 300_000),
    shared: mostly(random, false, true),
    replays: mostly(random, false, true),
    finished: mostly(random, false, true),
    endedWithProgram: mostly(random, false, true),
    sourceEnd: mostly(random, undefined, sourceEnd(3)),
    feederFailed: mostly(random, undefined, feederFailed(3), {
      ...feederFailed(3),
      stoppedWith: "another trace",
    }),
    publishedElsewhere: mostly(random, undefined, { at: at(3), count: 2 }),
    unreadPublishAt: mostly(random, undefined, ...moments),
    untracedReadAt: mostly(random, undefined, ...moments),
  })
}

const streamOf = (random: Random): StreamRun =>
  stream([2, mostly(random, 12, 10, 250, undefined)], {
    endedBy: mostly<StreamRun["endedBy"]>(random, "client", "released", "failure", "upstream"),
    reads: mostly(random, ["bus"], [], ["bus", "another"]),
    firstEventAt: mostly(random, at(3), undefined, at(2), at(6)),
    refused: mostly(random, undefined, { at: at(4), subscription: "bus" }),
    endedBySubscription: mostly(random, undefined, "bus"),
    failure: mostly(random, undefined, { type: "Error", message: "no", defect: false }),
  })

const some = <A>(random: Random, make: (random: Random) => A): ReadonlyArray<A> =>
  random.times(random.pick([0, 1, 1, 1, 2]), () => make(random))

const exchangeOf = (random: Random): Exchange =>
  exchange([0, mostly(random, 12, 250, undefined)], {
    route: mostly(random, "GET /event", "HEAD /event", "RPC ticks"),
    status: mostly(random, 200, 500),
    contentType: random.pick(["text/event-stream", "application/json"]),
    endedBy: random.pick(["client", "client", "server", "shutdown"]),
    handlerReturnedAt: mostly(random, at(1), undefined),
    clientLeftAt: mostly(random, undefined, ...moments),
    leaveSeenAt: mostly(random, undefined, ...moments),
    stopBeganAt: mostly(random, undefined, at(-200)),
    defaultRead: mostly(random, undefined, { at: at(3), reference: "User" }),
    failed: mostly(random, false, undefined, true),
    failure: mostly(random, undefined, { type: "Error", message: "no", defect: false }),
    client: mostly(random, undefined, client(12, "client"), client(undefined, "client")),
    scopes: some(random, scopeOf),
    subscriptions: some(random, subscriptionOf),
    streams: some(random, streamOf),
    queues: mostly(
      random,
      [],
      [queue([1, undefined], { backlog: 900, backlogMax: 900, fullFor: 300_000 })],
      [queue([1, undefined], { feederFailed: feederFailed(3) })],
    ),
    orphans: mostly(random, [], [fiber([1, undefined])]),
    finalizers: mostly(random, [], [finalizer([1, undefined])]),
  })

describe("an exchange that is uneventful", () => {
  it("is one of which no rule has anything to say, then or later", () => {
    const random = new Random(7)
    let uneventful = 0
    for (let made = 0; made < 60_000; made++) {
      const one = exchangeOf(random)
      if (!isUneventful(one, grace)) continue
      uneventful++
      for (const final of [false, true]) {
        const said = rules.filter(({ judge }) => {
          const verdict = judge(one, { now: at(random.pick([13, 400])), grace, final })
          return !Array.isArray(verdict) || verdict.length > 0
        })
        expect(
          said.map(({ name }) => name),
          JSON.stringify(one),
        ).toEqual([])
      }
    }
    expect(uneventful).toBeGreaterThan(5_000)
  })

  it("is what a stream is that its client left, and which let go of all it had", () => {
    const request = scope("request", [0, 12])
    const left = exchange([0, 12], {
      endedBy: "client",
      clientLeftAt: at(11),
      leaveSeenAt: at(11),
      scopes: [request],
      subscriptions: [subscription(request, [1, 12])],
      streams: [stream([2, 12], { endedBy: "client", firstEventAt: at(3) })],
    })
    expect(isUneventful(left, grace)).toBe(true)
  })

  it("is an ordinary answer", () => {
    expect(isUneventful(exchange([0, 12], { scopes: [scope("request", [0, 12])] }), grace)).toBe(
      true,
    )
  })
})
