/** Mistakes that leave something behind. */
import {
  type Bug,
  bug,
  comeAndGo,
  inHandler,
  isHeld,
  oneClient,
  subscription,
  withSource,
} from "../bug.ts"
import { forever, type Part } from "../plan.ts"

/** Nothing is published for longer than the grace period after the client has left. */
const quiet = [
  { do: "connect", client: 1, as: "reader" },
  { do: "publish", count: 1 },
  { do: "leave", client: 1 },
  { do: "rest" },
  { do: "look" },
  { do: "publish", count: 1 },
  { do: "rest" },
] as const

const pileUp = (what: "release" | "fiber"): ReadonlyArray<Part> => [{ do: "pile up", what }]

export const leftBehind: ReadonlyArray<Bug> = [
  bug("disconnect-unseen", "a platform that does not tell", isHeld, (plan, random) => ({
    ...withSource(plan, subscription(random)),
    platform: "node",
    hears: false,
    steps: oneClient,
  })),
  bug("request-scope-leak", "a body is to close the scope of HEAD", isHeld, (plan, random) => ({
    ...inHandler(plan, { transfers: true, source: subscription(random) }),
    platform: "node",
    steps: [{ do: "connect", client: 1, as: "head" }, { do: "rest" }],
  })),
  bug("request-scope-leak", "a scope of its own that the body closes", isHeld, (plan) => ({
    ...inHandler(plan, {
      before: [],
      delay: 0,
      source: { from: "subscription", owner: "own", greets: true },
      after: [{ do: "wait", millis: 40 }],
    }),
    steps: [{ do: "connect", client: 1, as: "hasty" }, { do: "rest" }],
  })),
  bug("subscription-leak", "in the application's scope", isHeld, (plan, random) => ({
    ...withSource(plan, {
      from: "subscription",
      owner: "application",
      greets: random.chance(0.7),
    }),
    steps: [...oneClient, { do: "publish", count: 1 }, { do: "rest" }],
  })),
  bug("deferred-teardown", "a parked generator", isHeld, (plan) => ({
    ...inHandler(plan, { heartbeats: undefined, source: { from: "iterable", parks: true } }),
    steps: quiet,
  })),
  bug("deferred-teardown", "cleaning up waits", isHeld, (plan, random) => ({
    ...inHandler(plan, {
      source: subscription(random),
      operators: [{ by: "linger", millis: 320 }],
    }),
    steps: quiet,
  })),
  bug("orphan-fiber", "work that is forked and forgotten", isHeld, (plan, random) => ({
    ...inHandler(plan, { before: [{ do: "detach", millis: random.pick([2_000, forever]) }] }),
    steps: oneClient,
  })),
  bug("orphan-fiber", "a poller that is forked and forgotten", isHeld, (plan) => ({
    ...withSource(plan, { from: "poller", kept: "nowhere" }),
    steps: oneClient,
  })),
  bug("orphan-fiber", "a poller in a FiberSet", isHeld, (plan, random) => ({
    ...inHandler(plan, {
      source: { from: "poller", kept: "set" },
      // Nothing else takes so long that clients leave before their bodies begin.
      after: random.chance(0.2) ? [{ do: "wait", millis: 40 }] : [],
    }),
    steps: [...comeAndGo(2), { do: "rest" }, { do: "look" }],
  })),
  bug("scope-pile-up", "a finalizer for each request", isHeld, (plan) => ({
    ...inHandler(plan, { before: pileUp("release") }),
    steps: [...comeAndGo(4), { do: "rest" }],
  })),
  bug("scope-pile-up", "a fiber for each request", isHeld, (plan) => ({
    ...inHandler(plan, { before: pileUp("fiber") }),
    steps: [...comeAndGo(4), { do: "rest" }],
  })),
]
