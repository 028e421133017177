import type { PairName } from "./pairs.ts"
import type { Play } from "./plays.ts"
import type { Way } from "./ways.ts"

interface NotYet {
  readonly names: ReadonlyArray<PairName>
  /** Of the broken program: that its rule holds, or only that the finding leads to the place. */
  readonly what: "rule" | "place"
  /** Everywhere, where it is not given. */
  readonly where?: Partial<Pick<Way, "seenBy" | "place" | "runtime">>
  readonly reason: string
}

/** What does not hold yet, and why. */
const list: ReadonlyArray<NotYet> = [
  {
    names: ["codesesh-309", "hyper-2787"],
    what: "rule",
    where: { place: "web" },
    reason:
      "the platform waits before it disposes of the handler: nothing of Effect is asked to stop",
  },
  {
    names: ["effect-2828"],
    what: "rule",
    reason:
      "a fiber that `Effect.runPromise` starts in a callback of the platform has no exchange: nothing leads there",
  },
  {
    names: ["opencode-36311"],
    what: "rule",
    where: { place: "web" },
    reason:
      "an adapter that neither aborts the request nor cancels the body leaves nothing that could be seen",
  },
]

/** Why that need not hold of a program in this way, if there is a reason. */
export const notYet = (what: NotYet["what"], play: Play, way: Way): string | undefined =>
  play.variant !== "broken"
    ? undefined
    : list.find(
        (one) =>
          one.what === what &&
          one.names.includes(play.name) &&
          (one.where?.seenBy ?? way.seenBy) === way.seenBy &&
          (one.where?.place ?? way.place) === way.place &&
          (one.where?.runtime ?? way.runtime) === way.runtime,
      )?.reason
