import type { Confidence, Evidence, Severity } from "./finding.ts"
import type { Exchange } from "./model.ts"
import type { Micros } from "./time.ts"

/** When a judgement is made, and how long a lifetime may outlive what it was acquired for. */
export interface Moment {
  readonly now: Micros
  readonly grace: Micros
  /** True where nothing more will be known: a finished recording, a program that has stopped. */
  readonly final: boolean
}

/** A rule that held about one exchange, before it is told which exchange that was. */
export interface Held {
  readonly confidence: Confidence
  /** The lifetime that owns the bug, by its span's name. */
  readonly operation: string
  /** One sentence in plain words, with the times in it. */
  readonly message: string
  readonly evidence: Evidence
  /** Span id of the body that it is about: of the run of a stream, or of its exchange where nobody traced the run. */
  readonly consumer: string | undefined
  /** Span ids of the lifetimes it is about, the owner first. */
  readonly spanIds: ReadonlyArray<string>
}

/** Not enough is known yet: ask again when the exchange has changed or time has passed. */
export const notYet = "not yet"

export type Verdict = ReadonlyArray<Held> | typeof notYet

/** A relation between the lifetimes of one exchange that holds only where there is a bug. */
export interface Rule {
  readonly name: string
  readonly severity: Severity
  /** What it means, in one line. */
  readonly summary: string
  /** What to change, in Effect terms, with a few lines of code. */
  readonly suggestion: string
  readonly judge: (exchange: Exchange, moment: Moment) => Verdict
}
