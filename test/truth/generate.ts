import type {
  Background,
  Bus,
  ClientKind,
  Handler,
  Helpers,
  Operator,
  Part,
  Plan,
  Platform,
  Source,
  Step,
  Stop,
} from "./plan.ts"
import { Random } from "./random.ts"

/** A program without a bug. */
export const healthyPlan = (seed: number): Plan => makePlan(new Random(seed), seed, false)

/** A program without a bug whose streams only clients end, and a program that stops. */
export const endlessPlan = (random: Random, seed: number): Plan => makePlan(random, seed, true)

const makePlan = (random: Random, seed: number, endless: boolean): Plan => {
  const platform = random.pick<Platform>([
    "node",
    "node",
    "node",
    "node",
    "node",
    "web",
    "web",
    "rpc",
    "socket",
  ])
  const handler = makeHandler(random, endless)
  const hasty = handler.delay > 0
  return {
    seed,
    bug: undefined,
    platform,
    hears: true,
    keepsAlive: random.chance(0.4),
    helpers: makeHelpers(random),
    bus: makeBus(random),
    application: random.pick(["layer", "program"]),
    background: random.chance(0.3) ? [makeBackground(random)] : [],
    handler,
    steps: makeSteps(random, handler, platform, hasty, endless),
    stop: makeStop(random),
  }
}

const makeHelpers = (random: Random): Helpers => {
  const share = random.pick([0, 0.5, 1])
  const some = () => random.chance(share)
  return { pubsub: some(), subscription: some(), stream: some(), scope: some() }
}

const makeBackground = (random: Random): Background =>
  random.pick<Background>([
    "ticker",
    "child scope",
    "child stream",
    "child subscriber",
    "empty scope",
  ])

const makeBus = (random: Random): Bus => ({
  madeBy: "once",
  kind: random.pick(["unbounded", "sliding", "dropping", "bounded"]),
  capacity: random.pick([16, 64, 1024]),
  replay: random.chance(0.15) ? 4 : 0,
})

const makeStop = (random: Random): Stop => ({
  how: random.pick(["ends", "closes", "interrupted"]),
  announced: random.chance(0.3),
  bus: random.pick(["nothing", "nothing", "shutdown", "end"]),
  waits: 50,
})

const makeHandler = (random: Random, endless: boolean): Handler => {
  const source = makeSource(random, endless)
  return {
    named: random.chance(0.5),
    limited: random.chance(0.15),
    scoped: needsNoScope(source) && random.chance(0.3),
    before: random.times(random.int(0, 2), () => makePart(random)),
    delay: random.chance(0.15) ? 30 : 0,
    source,
    after: random.times(random.int(0, 1), () => makePart(random)),
    operators: random.times(random.int(0, 3), () => makeOperator(random, endless)),
    heartbeats: random.chance(0.25) ? { every: random.int(10, 40), halt: "left" } : undefined,
    type: source.from === "download" ? "text/csv" : "text/event-stream",
    transfers: false,
  }
}

/** Whether its body opens whatever it needs itself. */
const needsNoScope = ({ from }: Source): boolean =>
  from === "lazy" || from === "interval" || from === "finite" || from === "share"

const makeSource = (random: Random, endless: boolean): Source => {
  const greets = random.chance(0.7)
  const subscription: Source = {
    from: "subscription",
    owner: random.pick(["request", "connection"]),
    greets,
  }
  const lazy: Source = { from: "lazy", greets: greets ? "after" : "never" }
  const source = random.pick<Source>([
    subscription,
    subscription,
    lazy,
    { from: "queue", owner: "request", fails: "never" },
    { from: "callback" },
    { from: "iterable", parks: false },
    { from: "readable" },
    { from: "share" },
    { from: "broadcast" },
    { from: "relay", owner: random.pick(["counted", "application"]) },
    { from: "interval", every: random.int(5, 20) },
    { from: "concat" },
    { from: "merge" },
    { from: "feed", provided: "well" },
    { from: "pump", owner: "application" },
    { from: "poller", kept: "request" },
    ...(endless ? [] : finite(random)),
  ])
  return source
}

const finite = (random: Random): ReadonlyArray<Source> => [
  { from: "cursor", owner: "request", rows: random.int(1, 5) },
  { from: "finite", count: random.int(0, 5), every: random.pick([0, 5]) },
  {
    from: "download",
    count: random.int(0, 5),
    ends: random.pick(["end", "shutdown", "fail"]),
  },
]

export const makePart = (random: Random): Part =>
  random.pick<Part>([
    { do: "config" },
    { do: "resource" },
    { do: "worker" },
    { do: "child", millis: random.int(1, 30), joined: random.chance(0.5) },
    { do: "job", millis: random.int(1, 60) },
    { do: "keyed job", key: random.int(1, 2) },
    { do: "singleton" },
    { do: "rcRef" },
    { do: "rcMap", key: random.int(1, 2) },
    { do: "pool", scoped: true },
    { do: "cache", key: random.int(1, 3) },
    { do: "scoped cache", key: random.int(1, 3) },
    { do: "session" },
    { do: "detach", millis: random.int(1, 30) },
    { do: "timeout" },
    { do: "race" },
    { do: "span" },
    { do: "look up" },
    { do: "answer", by: "program" },
    { do: "shut down", what: "its own" },
  ])

/** Also fit for the body, where they run for each event. */
const makeBodyPart = (random: Random): Part =>
  random.pick<Part>([
    { do: "config" },
    { do: "job", millis: random.int(1, 20) },
    { do: "rcRef" },
    { do: "pool", scoped: true },
    { do: "cache", key: random.int(1, 3) },
    { do: "timeout" },
    { do: "race" },
    { do: "span" },
    { do: "look up" },
  ])

const makeOperator = (random: Random, endless: boolean): Operator =>
  random.pick<Operator>([
    { by: "buffer", capacity: random.pick([1, 8]) },
    { by: "mapEffect", concurrency: random.int(1, 4), millis: random.int(0, 3) },
    { by: "tap" },
    { by: "rechunk" },
    { by: "groupedWithin" },
    { by: "ensuring" },
    { by: "throttle" },
    { by: "flatMap" },
    { by: "switchMap" },
    { by: "debounce" },
    { by: "retry" },
    { by: "scoped" },
    { by: "mergeEmpty" },
    { by: "share" },
    { by: "linger", millis: random.int(1, 30) },
    { by: "part", part: makeBodyPart(random) },
    ...(endless
      ? []
      : [
          { by: "timeout", millis: random.int(30, 120) } as const,
          { by: "interruptWhen", millis: random.int(20, 120) } as const,
          { by: "haltWhen", millis: random.int(20, 120) } as const,
          { by: "take", count: random.int(1, 4) } as const,
          { by: "takeUntil", count: random.int(1, 4) } as const,
        ]),
  ])

const makeSteps = (
  random: Random,
  handler: Handler,
  platform: Platform,
  hasty: boolean,
  endless: boolean,
): ReadonlyArray<Step> => {
  const steps: Array<Step> = []
  const here: Array<number> = []
  const clients = random.int(1, 3)
  const publish = () => {
    if (random.chance(0.6)) steps.push({ do: "publish", count: random.int(1, 3) })
  }
  const leave = () => {
    const [client] = here.splice(random.int(0, here.length - 1), 1)
    if (client !== undefined) steps.push({ do: "leave", client })
  }
  for (let client = 1; client <= clients; client++) {
    const as = kindOf(random, platform, hasty)
    steps.push({ do: "connect", client, as })
    if (as !== "head" && as !== "hasty") here.push(client)
    publish()
    if (random.chance(0.3)) leave()
    if (random.chance(0.15)) steps.push({ do: "ask", count: random.int(1, 2) })
    if (random.chance(0.2)) steps.push({ do: "rest" })
  }
  if (handler.before.some((part) => part.do === "answer") && random.chance(0.7)) {
    steps.push({ do: "meet", leaves: clients + 1, stays: clients + 2 })
    here.push(clients + 2)
  }
  if (!endless && random.chance(0.12)) {
    steps.push({ do: random.pick(["replace bus", "shut bus down", "end bus"]) })
  }
  publish()
  if (usesSessions(handler) && random.chance(0.5)) steps.push({ do: "log out" })
  const staying = platform === "node" && random.chance(0.5) ? random.int(0, here.length) : 0
  while (here.length > staying) leave()
  return steps
}

const kindOf = (random: Random, platform: Platform, hasty: boolean): ClientKind =>
  random.pick<ClientKind>([
    "reader",
    "reader",
    "reader",
    "reader",
    "slow",
    platform === "rpc" || platform === "socket" ? "reader" : "head",
    hasty ? "hasty" : "reader",
  ])

const usesSessions = ({ before, after }: Handler): boolean =>
  [...before, ...after].some((part) => part.do === "session")
