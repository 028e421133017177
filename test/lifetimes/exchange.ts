import type {
  Client,
  Exchange,
  FeederFailure,
  Finalizer,
  OrphanFiber,
  Queue,
  Scope,
  SourceEnd,
  StreamRun,
  Subscription,
} from "../../otel/lifetimes/model.ts"
import { type Moment, NotYet, type Rule, type RuleHit } from "../../otel/lifetimes/rule.ts"
import type { Micros } from "../../otel/lifetimes/time.ts"

/** Begin and end in milliseconds since the exchange began; without an end it is still open. */
export type Millis = readonly [start: number, end?: number | undefined]

const epoch = 1_760_000_000_000_000

/** A moment, in milliseconds since the exchange began. */
export const at = (millis: number): Micros => epoch + Math.round(millis * 1000)

/** The name of a lifetime is its span id too, so that a test can be read. */
const lifetime = (name: string, [start, end]: Millis) => ({
  span: { traceId: "trace", spanId: name },
  name,
  startedAt: at(start),
  endedAt: end === undefined ? undefined : at(end),
})

export const scope = (name: string, millis: Millis, more: Partial<Scope> = {}): Scope => ({
  kind: "scope",
  ...lifetime(name, millis),
  role: name === "request" ? "request" : "handler",
  parent: undefined,
  closedAt: millis[1] === undefined ? undefined : at(millis[1]),
  exit: "success",
  finalizers: 1,
  closedByFiber: 1,
  unowned: false,
  openedApart: false,
  kept: false,
  left: 0,
  enteredClosed: false,
  firstUse: undefined,
  handsOut: false,
  isAroundCall: false,
  code: undefined,
  ...more,
})

/** A subscription, released by its owner if it has an end. */
export const subscription = (
  owner: Scope,
  millis: Millis,
  more: Partial<Subscription> = {},
): Subscription => ({
  kind: "subscription",
  ...lifetime("bus", millis),
  owner: { name: owner.name, spanId: owner.span.spanId, inExchange: true },
  releasedBy: millis[1] === undefined ? undefined : owner.span.spanId,
  finished: false,
  sourceEnd: undefined,
  readerFailed: undefined,
  feederFailed: undefined,
  publishedElsewhere: undefined,
  stalled: undefined,
  ownerClosed: false,
  readByFork: false,
  withinStream: false,
  shared: false,
  beside: false,
  endedWithProgram: false,
  delivered: 0,
  missedBefore: 0,
  missed: 0,
  backlogMax: 0,
  backlog: 0,
  capacity: undefined,
  replays: false,
  fullFor: 0,
  unreadPublishAt: undefined,
  untracedReadAt: undefined,
  code: undefined,
  ...more,
})

/** A queue without a bound that the stream reads. */
export const queue = (millis: Millis, more: Partial<Queue> = {}): Queue => ({
  kind: "queue",
  ...lifetime("subscribe", millis),
  code: { function: "subscribe", file: "/app/event.ts", line: 12 },
  capacity: undefined,
  readBy: ["event"],
  withinStream: false,
  backlogMax: 0,
  backlog: 0,
  fullFor: 0,
  finished: false,
  feederFailed: undefined,
  ...more,
})

/** A stream that reads the subscription. */
export const stream = (millis: Millis, more: Partial<StreamRun> = {}): StreamRun => ({
  kind: "stream",
  ...lifetime("event", millis),
  fiber: 1,
  reads: ["bus"],
  exit: "success",
  endedBy: undefined,
  endedBySubscription: undefined,
  endedByForeign: undefined,
  cutOff: undefined,
  shutQueue: undefined,
  refused: undefined,
  failure: undefined,
  firstEventAt: undefined,
  events: 0,
  ...more,
})

export const exchange = (millis: Millis, more: Partial<Exchange> = {}): Exchange => ({
  kind: "exchange",
  ...lifetime("GET /event", millis),
  service: "test",
  route: "GET /event",
  status: 200,
  contentType: "text/event-stream",
  handlerReturnedAt: undefined,
  headSentAt: undefined,
  clientLeftAt: undefined,
  leaveSeenAt: undefined,
  stopBeganAt: undefined,
  stoppingSince: undefined,
  stalled: undefined,
  defaultRead: undefined,
  cutOff: undefined,
  endedBy: "server",
  failure: undefined,
  failed: undefined,
  handler: undefined,
  openUntil: undefined,
  scopes: [],
  subscriptions: [],
  queues: [],
  streams: [],
  orphans: [],
  finalizers: [],
  client: undefined,
  ...more,
})

/** The owner of a subscription that a scope of the program holds. */
export const ownedByProgram: Subscription["owner"] = {
  name: "application",
  spanId: "application",
  inExchange: false,
}

/** The PubSub of a subscription was shut down, by nobody knows whom. */
export const sourceEnd = (millis: number, more: Partial<SourceEnd> = {}): SourceEnd => ({
  at: at(millis),
  how: "shutdown",
  by: undefined,
  code: undefined,
  replaced: false,
  byReader: false,
  byHandler: false,
  ...more,
})

/** The only fiber that had published to the PubSub of a subscription failed. */
export const feederFailed = (millis: number): FeederFailure => ({
  at: at(millis),
  name: "poll",
  id: 12,
  error: "no access",
  stoppedWith: undefined,
  code: { function: "poll", file: "/app/poll.ts", line: 8 },
})

/** A fiber that nothing owns. */
export const fiber = (millis: Millis, more: Partial<OrphanFiber> = {}): OrphanFiber => ({
  kind: "fiber",
  ...lifetime("report", millis),
  id: 9,
  code: undefined,
  fedUnreadAt: undefined,
  stalled: undefined,
  left: 0,
  stopped: false,
  ...more,
})

/** What the exchange left in the application's scope, as two others had. */
export const finalizer = (millis: Millis, more: Partial<Finalizer> = {}): Finalizer => ({
  kind: "finalizer",
  ...lifetime("openSession", millis),
  what: "release",
  scope: "application",
  code: { function: "openSession", file: "/app/session.ts", line: 24 },
  removed: false,
  left: 3,
  ...more,
})

/** What the other side saw; it begins a millisecond before the exchange. */
export const client = (end: number | undefined, endedBy: Client["endedBy"]): Client => ({
  kind: "client",
  ...lifetime("client", end === undefined ? [-1] : [-1, end]),
  firstByteAt: undefined,
  firstEventAt: undefined,
  endedBy,
  events: 0,
  ownEvents: 0,
})

/** A judgement at the end of a recording, ten seconds after the exchange began. */
export const afterwards: Moment = { now: at(10_000), grace: 1_000_000, final: true }

/** A judgement while the program runs. */
export const live = (millis: number): Moment => ({
  now: at(millis),
  grace: 1_000_000,
  final: false,
})

/** What the rule holds of the exchange; it must not ask for more time. */
export const held = (
  rule: Rule,
  judged: Exchange,
  moment: Moment = afterwards,
): ReadonlyArray<RuleHit> => {
  const verdict = rule.judge(judged, moment)
  if (verdict instanceof NotYet) throw new Error(`${rule.name} says: not yet`)
  return verdict
}

/** How sure the rule is of each bug that it names. */
export const confidences = (
  rule: Rule,
  judged: Exchange,
  moment: Moment = afterwards,
): ReadonlyArray<string> => held(rule, judged, moment).map(({ confidence }) => confidence)

/** When the rule wants to be asked again, in milliseconds; it must not be sure yet. */
export const again = (rule: Rule, judged: Exchange, moment: Moment): number | "news" => {
  const verdict = rule.judge(judged, moment)
  if (!(verdict instanceof NotYet)) throw new Error(`${rule.name} is sure`)
  return verdict.again === undefined ? "news" : (verdict.again - epoch) / 1000
}
