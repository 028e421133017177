import type { Cost } from "./measure.ts"
import type { TracingName } from "./tracing.ts"

interface Bound {
  readonly title: string
  readonly kind: keyof Cost
  readonly of: TracingName
  readonly relativeTo: TracingName
  /** The largest ratio of the two costs. */
  readonly most: number
}

const deliveries = (of: TracingName, title: string): ReadonlyArray<Bound> => [
  {
    title: `event, ${title}, to no tracing`,
    kind: "delivery",
    of,
    relativeTo: "none",
    most: 1.05,
  },
  {
    title: `event, ${title}, to the stock bridge`,
    kind: "delivery",
    of,
    relativeTo: "bridge",
    most: 0.7,
  },
]

const connects = (of: TracingName, title: string, most: number): Bound => ({
  title: `connect, ${title}, to no tracing`,
  kind: "connection",
  of,
  relativeTo: "none",
  most,
})

/** What we add where nothing is sent. Effect itself takes a longer way as soon as there is any tracer. */
const connectsUnsent = (of: TracingName, title: string): Bound => ({
  title: `connect, ${title}, to Effect's own spans, sent nowhere`,
  kind: "connection",
  of,
  relativeTo: "unsent",
  most: 1.3,
})

const idleStreams = (of: TracingName, title: string, most: number): Bound => ({
  title: `idle stream, ${title}, to no tracing`,
  kind: "idle",
  of,
  relativeTo: "none",
  most,
})

/** What may be kept of everything, and of what has a finding alone. */
const kept = (all: TracingName, findings: TracingName, by: string): ReadonlyArray<Bound> => [
  ...deliveries(all, `all kept${by}`),
  ...deliveries(findings, `at 0 %${by}`),
  // As many connects in the time of 100: at least 45 and 67.
  connects(all, `all kept${by}`, 1 / 0.45),
  connects(findings, `at 0 %${by}`, 1.5),
  connectsUnsent(findings, `at 0 %${by}`),
  idleStreams(all, `all kept${by}`, 2),
  idleStreams(findings, `at 0 %${by}`, 1.5),
]

/** What the automatic mode may cost, as a Layer and for the whole process. */
export const bounds: ReadonlyArray<Bound> = [
  {
    title: "request that registers a finalizer, at 0 %, to one whose finalizers are not observed",
    kind: "request",
    of: "findings",
    relativeTo: "withoutFinalizers",
    most: 1.1,
  },
  ...kept("all", "findings", ""),
  ...kept("registered", "registeredFindings", " by register"),
]
