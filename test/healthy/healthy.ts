import type { Play } from "../../src/scenarios/scenario.ts"

/** A program without a bug: whatever a rule says of it is a false alarm. */
export interface Healthy {
  /** What it does, after "a program in which". */
  readonly title: string
  readonly play: Play
  /** Each exchange with what ended it, so that silence about nothing does not pass. */
  readonly exchanges: ReadonlyArray<`${string} ${"client" | "server" | "shutdown"}`>
}
