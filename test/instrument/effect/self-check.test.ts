import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Version from "effect/Version"
import { type Capability, capabilities } from "../../../otel/instrument/effect/capabilities.ts"
import { missingCapabilities } from "../../../otel/instrument/effect/self-check.ts"
import { runningProgram } from "../../support/process.ts"

/** What a later version of Effect might have changed. */
interface Change {
  /** Which of its files, and what in them becomes what. */
  readonly file: string
  readonly from: string
  readonly to: string
  /** What is not seen then. */
  readonly missing: ReadonlyArray<Capability>
  /** What is found then all the same. */
  readonly found: ReadonlyArray<string>
}

const closedEarly = "scope-closed-early"
const failed = "server-ended-stream"
const leak = "subscription-leak"
const orphan = "orphan-fiber"
const everything = [orphan, closedEarly, failed, leak]

const renamed = (name: string): Pick<Change, "file" | "from" | "to"> => ({
  file: ".",
  from: `\\b${name}\\b`,
  to: `${name}Renamed`,
})

const ofOwnership = { missing: ["ownership"], found: [closedEarly, failed, leak] } as const
const ofInterrupts = { missing: ["interrupts"], found: everything } as const
const ofSubscriptions = {
  missing: ["subscriptions"],
  found: [orphan, closedEarly, failed],
} as const
const ofPubSubs = { ...ofSubscriptions, missing: ["pubsubs", "subscriptions"] } as const
const ofFibers = { missing: ["fibers", "interrupts"], found: [] } as const

const changes: Readonly<Record<string, Change>> = {
  "what each fiber runs is not told": {
    file: "internal/effect.js",
    from: "cache\\.tracerContext",
    to: "cache.nothing",
    ...ofFibers,
  },
  "what runs a primitive": {
    file: "internal/core.js",
    from: "/evaluate",
    to: "/run",
    ...ofFibers,
    missing: [...ofFibers.missing, "references"],
  },
  "the parent of a fiber": { ...renamed("_parent"), ...ofOwnership },
  "the observers of a fiber": { ...renamed("_observers"), ...ofOwnership },
  "the children of a fiber": { ...renamed("_children"), ...ofOwnership },
  "the interrupt of a fiber": { ...renamed("_interruptedCause"), ...ofInterrupts },
  "the count of what a fiber has run": { ...renamed("currentOpCount"), ...ofInterrupts },
  "the span of a fiber": {
    file: "internal/effect.js",
    from: "\\bspan(?=: Context\\.getOrUndefinedUnsafe)",
    to: "currentSpan",
    missing: ["fibers"],
    found: [],
  },
  "who is told of the end of a fiber": { ...renamed("addObserver"), ...ofOwnership },
  "whether a fiber has ended": { ...renamed("pollUnsafe"), ...ofOwnership },
  "how a fiber is given a context": {
    ...renamed("setContext"),
    missing: ["forks"],
    found: everything,
  },
  "who joins a collection of fibers": {
    file: "Deferred.js",
    from: "\\bresumes\\b",
    to: "waiters",
    missing: ["collections"],
    found: everything,
  },
  "the state of a scope is an accessor": {
    file: "internal/effect.js",
    from: "state: constScopeEmpty",
    to: "get state() { return this.now ?? constScopeEmpty }, set state(next) { this.now = next }",
    missing: ["scopes", "finalizers", "registrations", "ownership", "subscriptions"],
    found: [failed],
  },
  "the parent of a scope": {
    file: "internal/effect.js",
    from: "(?<=self\\.)parent\\b|\\bparent(?=\\) => \\(\\{)|\\bparent(?=,\\n {2}state)",
    to: "above",
    missing: ["parents"],
    found: [orphan, failed, leak],
  },
  "the finalizers of a scope": {
    file: "internal/effect.js",
    from: "\\bfinalizers\\b",
    to: "cleanups",
    missing: ["finalizers", "registrations"],
    found: everything,
  },
  "how a finalizer is removed": {
    file: "internal/effect.js",
    from: "state\\.finalizers\\.delete\\(key\\)",
    to: "Map.prototype.delete.call(state.finalizers, key)",
    missing: ["registrations"],
    found: everything,
  },
  "what is registered in a closed scope": {
    file: "internal/effect.js",
    from: "finalizer\\(scope\\.state\\.exit\\)",
    to: "finalizer(exitVoid)",
    missing: ["registrations"],
    found: everything,
  },
  "under what a finalizer is registered": {
    file: "internal/effect.js",
    from: "\\bfinalizerKey\\b",
    to: "keyOfFinalizer",
    missing: ["registrations"],
    found: everything,
  },
  "what releases a subscription": { ...renamed("shutdownFlag"), ...ofSubscriptions },
  "the shutdown of a PubSub": {
    file: "PubSub.js",
    from: "self\\.strategy\\.shutdown",
    to: "Effect.void",
    ...ofPubSubs,
  },
  "what a fiber does next": { ...renamed("_stack"), missing: ["meetings"], found: everything },
  "who waits for a queue": {
    file: "Queue.js",
    from: "self\\.state\\.takers\\.size",
    to: "[...self.state.takers].length",
    missing: ["queues"],
    found: everything,
  },
  "how a Layer is built once": {
    file: "Layer.js",
    from: "\\bgetOrElseMemoize\\b",
    to: "memoized",
    missing: ["layers"],
    found: everything,
  },
  "in which build a Layer is built": {
    file: "Layer.js",
    from: "\\bparent\\b",
    to: "above",
    missing: ["layers"],
    found: everything,
  },
  "what a full queue does": {
    file: "Queue.js",
    from: "\\bstrategy\\b",
    to: "policy",
    missing: ["queues"],
    found: everything,
  },
  "the state of a queue": {
    file: "Queue.js",
    from: 'self\\.state = \\{\\n\\s+_tag: "Done"',
    to: 'self.state = {\n _tag: "Over"',
    missing: ["queues"],
    found: everything,
  },
  "how a PubSub is given many": { ...renamed("publishAll"), ...ofPubSubs },
  "who waits for a message": { ...renamed("pollers"), ...ofSubscriptions },
  "what a PubSub replays": { ...renamed("replayWindow"), ...ofSubscriptions },
  "how many are taken": { ...renamed("pollUpTo"), ...ofSubscriptions },
  "what ends a span": {
    file: "internal/effect.js",
    from: "span\\.end\\(",
    to: "Object.getPrototypeOf(span).end.call(span, ",
    missing: ["spans"],
    found: [],
  },
  "what comes before a response": {
    file: "http/",
    from: "\\bappendPreResponseHandlerUnsafe\\b",
    to: "beforeResponse",
    missing: ["responses"],
    found: [orphan, leak],
  },
  "the frame of a call": { ...renamed("stackFrame"), missing: ["frames"], found: everything },
  "the count of fibers": {
    ...renamed("recordFiberStart"),
    missing: ["counts"],
    found: everything,
  },
}

const at = (path: string): string => new URL(`broken/${path}`, import.meta.url).pathname

const withEffect = Effect.fnUntraced(function* (change: object) {
  const running = yield* runningProgram(
    process.execPath,
    ["--import", at("break-effect.js"), at("program.ts")],
    { BREAK_EFFECT: JSON.stringify(change) },
  )
  yield* running.ended
  return { warnings: running.stderr(), told: JSON.parse(running.stdout()) }
}, Effect.scoped)

const warningOf = (missing: ReadonlyArray<Capability>): string =>
  `Scopeline does not know how effect ${Version.getCurrentVersion()} works inside, and does not see ` +
  `${missing.map((capability) => capabilities[capability]).join("; ")}. The rest is recorded.\n`

it("there is a change for everything that is seen", () => {
  const missing = new Set(Object.values(changes).flatMap((change) => change.missing))
  deepStrictEqual(missing, new Set(Object.keys(capabilities)))
})

describe("Effect as it is", () => {
  it("is seen in everything", () => {
    deepStrictEqual(missingCapabilities(), [])
  })

  it.live("is asked before a program, and nothing is warned of", () =>
    Effect.gen(function* () {
      const { warnings, told } = yield* withEffect({ file: "none", from: "none", to: "" })
      deepStrictEqual(warnings, "")
      deepStrictEqual(told, {
        exchanges: 4,
        rules: everything,
        places: ["subscribe"],
        areFibersCounted: true,
      })
    }),
  )
})

describe.concurrent("where Effect has changed inside, that alone is off, and is named", () => {
  it.live.each(Object.entries(changes))("%s", ([, { missing, found, ...change }]) =>
    Effect.gen(function* () {
      const { warnings, told } = yield* withEffect(change)
      deepStrictEqual(warnings, warningOf(missing))
      deepStrictEqual(told.rules, found)
    }),
  )
})
