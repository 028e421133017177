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

/** What the automatic mode may cost. As many connects in the time of 100: at least 45 and 85. */
export const bounds: ReadonlyArray<Bound> = [
  ...deliveries("all", "all kept"),
  ...deliveries("findings", "at 0 %"),
  {
    title: "connect, all kept, to no tracing",
    kind: "connection",
    of: "all",
    relativeTo: "none",
    most: 1 / 0.45,
  },
  {
    title: "connect, at 0 %, to no tracing",
    kind: "connection",
    of: "findings",
    relativeTo: "none",
    most: 1 / 0.85,
  },
  {
    title: "idle stream, all kept, to no tracing",
    kind: "idle",
    of: "all",
    relativeTo: "none",
    most: 2,
  },
  {
    title: "idle stream, at 0 %, to no tracing",
    kind: "idle",
    of: "findings",
    relativeTo: "none",
    most: 1.5,
  },
]
