/**
 * A small server program as data: what it shares, what its one handler does, who visits it and how it
 * stops. Everything in it can be healthy or wrong; `bug` says which wrong thing was put in on purpose.
 */

export interface Plan {
  readonly seed: number
  /** The bug that was injected, by its name in `bugs.ts`; `undefined` in a healthy program. */
  readonly bug: string | undefined
  readonly platform: Platform
  /** Whether the platform says that a client has left. */
  readonly hears: boolean
  /** Whether requests may come over connections that others have used before. */
  readonly keepsAlive: boolean
  readonly helpers: Helpers
  readonly bus: Bus
  /** Whether a Layer around the server's owns what requests share, or the program's own scope. */
  readonly application: "layer" | "program"
  /** What the program does beside its server. */
  readonly background: ReadonlyArray<Background>
  readonly handler: Handler
  readonly steps: ReadonlyArray<Step>
  readonly stop: Stop
}

/** Effect's server of Node.js, a function of `Request`, or calls over RPC to that server, by HTTP or a WebSocket. */
export type Platform = "node" | "web" | "rpc" | "socket"

/** Milliseconds of something that does not end by itself. */
export const forever = 3_600_000

/** Which parts of the program are given a name with Scopeline's helpers. */
export interface Helpers {
  readonly pubsub: boolean
  readonly subscription: boolean
  readonly stream: boolean
  readonly scope: boolean
}

export interface Bus {
  /** Built twice by a Layer, or made twice by a function, another one is published to. */
  readonly madeBy: "once" | "a Layer" | "a function"
  readonly kind: "unbounded" | "sliding" | "dropping" | "bounded"
  readonly capacity: number
  readonly replay: number
}

/** Something that a program does from its start until it stops. */
export type Background =
  /** A fiber of the application. */
  | "ticker"
  /** A child of the program's own fiber, with a scope of its own. */
  | "child scope"
  | "child stream"
  | "child subscriber"
  /** A scope that nothing was ever acquired in, and that nobody closes. */
  | "empty scope"

export interface Handler {
  /** An `Effect.fn`, or a bare generator. */
  readonly named: boolean
  /** Runs it in another fiber, under a time limit that it never reaches. */
  readonly limited: boolean
  /** Runs all of it in `Effect.scoped`: whatever it acquires is released when it returns. */
  readonly scoped: boolean
  readonly before: ReadonlyArray<Part>
  /** Takes so long before it opens its source. */
  readonly delay: number
  readonly source: Source
  readonly after: ReadonlyArray<Part>
  readonly operators: ReadonlyArray<Operator>
  readonly heartbeats: Heartbeats | undefined
  /** What the response says that it is. */
  readonly type: "text/event-stream" | "text/csv"
  /** Hands closing the request's scope to the body. */
  readonly transfers: boolean
}

export interface Heartbeats {
  readonly every: number
  readonly halt: "left" | "both"
}

/** Something that a handler does beside its stream. */
export type Part =
  /** A nested scope that opens and closes. */
  | { readonly do: "config" }
  | { readonly do: "resource" }
  /** A fiber in the request's scope, for as long as that is open. */
  | { readonly do: "worker" }
  /** A child of the request's fiber. */
  | { readonly do: "child"; readonly millis: number; readonly joined: boolean }
  /** In a FiberSet of the application. */
  | { readonly do: "job"; readonly millis: number }
  /** In a FiberMap of the application, until another takes its place. */
  | { readonly do: "keyed job"; readonly key: number }
  /** Made in the application's scope by whoever needs it first. */
  | { readonly do: "singleton" }
  | { readonly do: "rcRef" }
  | { readonly do: "rcMap"; readonly key: number }
  | { readonly do: "pool"; readonly scoped: boolean }
  | { readonly do: "cache"; readonly key: number }
  | { readonly do: "scoped cache"; readonly key: number }
  /** Opened by this request, closed by another or with the application. */
  | { readonly do: "session" }
  /** Work that nothing owns. */
  | { readonly do: "detach"; readonly millis: number }
  | { readonly do: "timeout" }
  | { readonly do: "race" }
  | { readonly do: "span" }
  /** Asks over a PubSub of its own, in a nested scope. */
  | { readonly do: "look up" }
  | { readonly do: "wait"; readonly millis: number }
  /** Waits for an answer, and so do all who ask meanwhile: the program works it out, or whoever was first. */
  | { readonly do: "answer"; readonly by: Worker }
  /** Leaves a finalizer in the application's scope, for each request. */
  | { readonly do: "pile up"; readonly what: "release" | "fiber" }
  /** Shuts down a PubSub when the request is over: one that it has made, or the bus. */
  | { readonly do: "shut down"; readonly what: "its own" | "the bus" }

export type Worker = "program" | "first request"

/** What the events come from. */
export type Source =
  /** Subscribes to the bus in the handler. */
  | { readonly from: "subscription"; readonly owner: Owner; readonly greets: boolean }
  /** Subscribes when the body begins. */
  | { readonly from: "lazy"; readonly greets: "never" | "after" | "before" }
  /** A Queue for the exchange, filled by a fiber that reads the bus. */
  | { readonly from: "queue"; readonly owner: "request" | "nested"; readonly fails: Fails }
  | { readonly from: "callback" }
  | { readonly from: "iterable"; readonly parks: boolean }
  | { readonly from: "readable" }
  | { readonly from: "share" }
  | { readonly from: "broadcast" }
  /** A PubSub that consumers share, fed from the bus. */
  | { readonly from: "relay"; readonly owner: "counted" | "application" | "first request" }
  | { readonly from: "finite"; readonly count: number; readonly every: number }
  | { readonly from: "interval"; readonly every: number }
  /** Two subscriptions to the bus, of which one is read after a few events of another source. */
  | { readonly from: "concat" }
  /** The bus, and another PubSub to which nothing is published. */
  | { readonly from: "merge" }
  /** Rows that can be read as long as the cursor is open. */
  | { readonly from: "cursor"; readonly owner: "request" | "nested"; readonly rows: number }
  /** A subscription that a Layer owns, in the application or only while the routes are made. */
  | { readonly from: "feed"; readonly provided: "well" | "early" }
  /** A PubSub of the application, which the fiber of whoever came first feeds from the bus. */
  | { readonly from: "pump"; readonly owner: "application" | "first request" }
  /** A Queue for the exchange, filled by a fiber that is kept somewhere. */
  | { readonly from: "poller"; readonly kept: "request" | "set" | "nowhere" }
  /** A Queue that a fiber of the request fills, and ends. */
  | {
      readonly from: "download"
      readonly count: number
      readonly ends: "end" | "shutdown" | "fail"
    }

/** When the fiber that fills a queue fails: before it has put anything into it, or after. */
export type Fails = "never" | "at once" | "later"

/** The scope in which a handler acquires its subscription. */
export type Owner = "request" | "connection" | "nested" | "application" | "closed" | "own"

export type Operator =
  | { readonly by: "buffer"; readonly capacity: number }
  | { readonly by: "mapEffect"; readonly concurrency: number; readonly millis: number }
  | { readonly by: "tap" }
  | { readonly by: "rechunk" }
  | { readonly by: "groupedWithin" }
  | { readonly by: "ensuring" }
  | { readonly by: "throttle" }
  | { readonly by: "flatMap" }
  | { readonly by: "switchMap" }
  | { readonly by: "debounce" }
  | { readonly by: "retry" }
  | { readonly by: "scoped" }
  | { readonly by: "timeout"; readonly millis: number }
  | { readonly by: "interruptWhen"; readonly millis: number }
  | { readonly by: "haltWhen"; readonly millis: number }
  | { readonly by: "take"; readonly count: number }
  | { readonly by: "takeUntil"; readonly count: number }
  | { readonly by: "mergeEmpty" }
  /** Shares the stream, with nobody. */
  | { readonly by: "share" }
  /** Takes so long to clean up. */
  | { readonly by: "linger"; readonly millis: number }
  /** Leaves out what is not for whom the request came, and reads that in the body. */
  | { readonly by: "reference" }
  | { readonly by: "part"; readonly part: Part }
  /** Fails at that element. */
  | { readonly by: "fail"; readonly at: number }
  /** Looks up what only the handler has. */
  | { readonly by: "context" }

export type Step =
  | { readonly do: "connect"; readonly client: number; readonly as: ClientKind }
  | { readonly do: "leave"; readonly client: number }
  /** Both wait for what their handlers do first; one leaves, and the other stays. */
  | { readonly do: "meet"; readonly leaves: number; readonly stays: number }
  | { readonly do: "publish"; readonly count: number }
  /** Events of 16 KB, as fast as they go. */
  | { readonly do: "flood"; readonly count: number }
  /** Longer than the grace period. */
  | { readonly do: "rest" }
  /** Notes what is held for requests that are over. */
  | { readonly do: "look" }
  | { readonly do: "log out" }
  /** Plain requests, which do what the handler does before it opens its source. */
  | { readonly do: "ask"; readonly count: number }
  | { readonly do: "replace bus" }
  | { readonly do: "shut bus down" }
  | { readonly do: "end bus" }

/** `hasty` leaves before the head can have come, `stalled` reads nothing, `poster` sends a POST. */
export type ClientKind = "reader" | "slow" | "stalled" | "head" | "hasty" | "poster"

export interface Stop {
  /** The program ends by itself, closes its scope, or is interrupted like one that `runMain` runs. */
  readonly how: "ends" | "closes" | "interrupted"
  /** Says so first, with `Lifetimes.beginShutdown`. */
  readonly announced: boolean
  /** What it does with the bus first. */
  readonly bus: "nothing" | "shutdown" | "end"
  /** How long the server waits for open streams. */
  readonly waits: number
}
