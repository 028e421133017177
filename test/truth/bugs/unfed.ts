/** Mistakes after which a stream is open, and its client does not get what it came for. */
import {
  type Bug,
  bug,
  inHandler,
  isMissing,
  oneClient,
  overHttp,
  subscription,
  withSource,
} from "../bug.ts"
import type { Source } from "../plan.ts"
import type { Outcome } from "../play.ts"

/** The client of this number was there until it left or the program stopped. */
const isThere = ({ run }: Outcome, client: number): boolean =>
  run.clients.get(client)?.view.end === "left" || run.stayed.has(client)

/** Heartbeats may come at a moment at which there is nothing to compare them with. */
const isOpen = (_: unknown, outcome: Outcome): boolean => isThere(outcome, 1)

const diedFeeding = (["later", "at once"] as const).map((fails) =>
  bug(
    "unobserved-failure",
    fails === "later"
      ? "the fiber that fed the body died"
      : "the fiber that was to feed the body died",
    isMissing,
    (plan) => ({
      ...inHandler(plan, {
        heartbeats: { every: 20, halt: "left" },
        source: { from: "queue", owner: "request", fails },
      }),
      steps: [
        { do: "connect", client: 1, as: "reader" },
        { do: "publish", count: 3 },
        { do: "rest" },
        { do: "leave", client: 1 },
      ],
    }),
  ),
)

const publishedElsewhere = (["a Layer", "a function"] as const).map((madeBy) =>
  bug(
    "starved-stream",
    `events are published to another bus of ${madeBy}`,
    isMissing,
    (plan, random) => ({
      ...withSource(plan, subscription(random)),
      bus: { ...plan.bus, madeBy },
      steps: [
        { do: "connect", client: 1, as: "reader" },
        { do: "publish", count: 4 },
        { do: "rest" },
        { do: "leave", client: 1 },
      ],
    }),
  ),
)

export const unfed: ReadonlyArray<Bug> = [
  bug("starved-stream", "heartbeats outlive their bus", isOpen, (plan, random) => ({
    ...inHandler(plan, {
      heartbeats: { every: 20, halt: "both" },
      source: random.pick<Source>([
        subscription(random),
        { from: "subscription", owner: "connection", greets: true },
      ]),
    }),
    steps: [
      { do: "connect", client: 1, as: "reader" },
      { do: "publish", count: 1 },
      { do: random.pick(["replace bus", "shut bus down"]) },
      { do: "rest" },
      ...(plan.platform !== "node" || random.chance(0.5)
        ? [{ do: "leave", client: 1 } as const]
        : []),
    ],
  })),
  ...publishedElsewhere,
  bug(
    "late-subscription",
    "greeted first",
    (_, { run }) => run.early.has(1),
    (plan) => ({
      ...withSource(plan, { from: "lazy", greets: "before" }),
      bus: { ...plan.bus, replay: 0 },
      steps: oneClient,
    }),
  ),
  bug(
    "slow-consumer",
    "events are lost behind a client that does not read",
    isOpen,
    (plan, random) => ({
      ...inHandler(plan, { source: subscription(random), operators: [] }),
      ...overHttp(plan),
      bus: { ...plan.bus, kind: "sliding", capacity: 16 },
      steps: [
        { do: "connect", client: 1, as: "stalled" },
        { do: "flood", count: 600 },
        { do: "rest" },
        { do: "leave", client: 1 },
        { do: "rest" },
      ],
    }),
  ),
  ...diedFeeding,
  bug(
    "upstream-bound-to-first-consumer",
    "the fiber of the first request feeds all",
    isMissing,
    (plan) => ({
      ...withSource(plan, { from: "pump", owner: "first request" }),
      steps: [
        { do: "connect", client: 1, as: "reader" },
        { do: "connect", client: 2, as: "reader" },
        { do: "publish", count: 1 },
        { do: "leave", client: 1 },
        { do: "rest" },
        { do: "publish", count: 1 },
        { do: "rest" },
        { do: "leave", client: 2 },
      ],
    }),
  ),
  bug("context-lost", "the body reads a default", isMissing, (plan, random) => ({
    ...inHandler(
      { ...plan, ...overHttp(plan) },
      {
        source: subscription(random),
        operators: [...plan.handler.operators.slice(0, 1), { by: "reference" }],
      },
    ),
    steps: oneClient,
  })),
  bug(
    "shutdown-held-open",
    "nobody ends the streams",
    (_, { run }) => run.stopMillis > 400,
    (plan, random) => ({
      ...withSource(plan, subscription(random)),
      platform: "node",
      stop: {
        how: random.pick(["closes", "interrupted"]),
        announced: false,
        bus: "nothing",
        waits: 500,
      },
      steps: [
        { do: "connect", client: 1, as: "reader" },
        { do: "publish", count: 1 },
      ],
    }),
  ),
]
