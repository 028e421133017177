/** Mistakes that end a stream. */
import {
  type Bug,
  bug,
  inHandler,
  isCutOff,
  isRefused,
  oneClient,
  overHttp,
  subscription,
  withSource,
} from "../bug.ts"
import type { Operator, Plan, Source, Step } from "../plan.ts"
import type { Random } from "../random.ts"

const plain = (plan: Plan): Plan => inHandler(plan, { heartbeats: undefined })

const firstLeaves: ReadonlyArray<Step> = [
  { do: "connect", client: 1, as: "reader" },
  { do: "connect", client: 2, as: "reader" },
  { do: "publish", count: 1 },
  { do: "leave", client: 1 },
  { do: "rest" },
  { do: "publish", count: 1 },
  { do: "rest" },
  { do: "leave", client: 2 },
]

/** The handler runs in a scope of its own, and its body needs nothing of that. */
const apartFromScope = {
  scoped: true,
  before: [{ do: "resource" }],
  source: { from: "lazy", greets: "after" },
} satisfies Partial<Plan["handler"]>

/** Somewhere among the others. */
const among = (plan: Plan, random: Random, operator: Operator): ReadonlyArray<Operator> => {
  const at = random.int(0, Math.min(1, plan.handler.operators.length))
  return [...plan.handler.operators.slice(0, at), operator]
}

export const cutOff: ReadonlyArray<Bug> = [
  bug("scope-closed-early", "the handler runs in Effect.scoped", isCutOff, (plan, random) => ({
    ...inHandler(plain(plan), {
      scoped: true,
      source: random.pick<Source>([
        subscription(random),
        { from: "subscription", owner: "connection", greets: random.chance(0.7) },
        { from: "queue", owner: "request", fails: "never" },
      ]),
    }),
    steps: oneClient,
  })),
  bug("scope-closed-early", "a subscription in a nested scope", isCutOff, (plan, random) => ({
    ...withSource(plain(plan), {
      from: "subscription",
      owner: "nested",
      greets: random.chance(0.7),
    }),
    steps: oneClient,
  })),
  bug("scope-closed-early", "a queue in a nested scope", isCutOff, (plan) => ({
    ...withSource(plain(plan), { from: "queue", owner: "nested", fails: "never" }),
    steps: oneClient,
  })),
  bug("scope-closed-early", "a cursor in a nested scope", isCutOff, (plan) => ({
    ...withSource(plain(plan), { from: "cursor", owner: "nested", rows: 3 }),
    steps: oneClient,
  })),
  bug("scope-closed-early", "a scope that was closed before", isCutOff, (plan, random) => ({
    ...withSource(plain(plan), {
      from: "subscription",
      owner: "closed",
      greets: random.chance(0.7),
    }),
    steps: oneClient,
  })),
  bug("scope-closed-early", "a Layer that is provided too early", isCutOff, (plan) => ({
    ...withSource(plain(plan), { from: "feed", provided: "early" }),
    steps: oneClient,
  })),
  bug(
    "context-lost",
    "the body looks up what the handler had",
    (_, { run }) => run.clients.get(1)?.view.end === "reset",
    (plan, random) => ({
      ...inHandler(plan, {
        operators: among(plan, random, { by: "context" }),
        source: subscription(random),
      }),
      steps: oneClient,
    }),
  ),
  bug("upstream-bound-to-first-consumer", "a relay of the first request", isCutOff, (plan) => ({
    ...withSource(plain(plan), { from: "relay", owner: "first request" }),
    steps: firstLeaves,
  })),
  bug(
    "upstream-bound-to-first-consumer",
    "each request shuts the bus down when it is over",
    isCutOff,
    (plan, random) => {
      const shut = { do: "shut down", what: "the bus" } as const
      return {
        ...inHandler(plain(plan), {
          source: random.pick<Source>([
            subscription(random),
            { from: "subscription", owner: "connection", greets: random.chance(0.7) },
            { from: "lazy", greets: "after" },
          ]),
          ...(random.chance(0.5) ? { before: [shut] } : { after: [shut] }),
        }),
        steps: firstLeaves,
      }
    },
  ),
  bug(
    "upstream-bound-to-first-consumer",
    "an answer that the first request works out",
    isRefused,
    (plan) => ({
      ...inHandler(plan, { before: [{ do: "answer", by: "first request" }] }),
      steps: [{ do: "meet", leaves: 1, stays: 2 }],
    }),
  ),
  bug("server-ended-stream", "an event that cannot be encoded", isCutOff, (plan, random) => ({
    ...inHandler(plan, {
      ...(random.chance(0.5) ? apartFromScope : { source: subscription(random) }),
      operators: among(plan, random, { by: "fail", at: 1 }),
    }),
    ...overHttp(plan),
    steps: [
      { do: "connect", client: 1, as: "reader" },
      { do: "publish", count: 3 },
      { do: "rest" },
    ],
  })),
]
