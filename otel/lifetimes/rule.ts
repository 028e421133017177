import type { Confidence, Evidence, Severity } from "./finding.ts"
import type { Exchange, Program } from "./model.ts"
import type { ShownBy } from "./shown-by.ts"
import type { Micros } from "./time.ts"

/** When a judgement is made, and how long a lifetime may outlive what it was acquired for. */
export interface Moment {
  readonly now: Micros
  readonly grace: Micros
  /** True if nothing more will be known: a finished recording, or a program that has stopped. */
  readonly final: boolean
}

/** A rule's hit about one exchange, before it is linked to that exchange. */
export interface RuleHit {
  readonly confidence: Confidence
  /** If it differs from the rule's. */
  readonly severity?: Severity
  /** How to fix it, if it differs from the rule's suggestion. */
  readonly suggestion?: string
  /** The lifetime that owns the bug, by its span's name. */
  readonly operation: string
  /** One sentence in plain words, with the times in it. */
  readonly message: string
  readonly evidence: Evidence
  /**
   * Span id of the body that it is about: of the run of a stream, or of its exchange if the run was not traced.
   */
  readonly stream: string | undefined
  /** Span ids of the lifetimes it is about, the owner first. */
  readonly spanIds: ReadonlyArray<string>
  /** If none of these has a place in the code, it is for the handler to change something. */
  readonly isForHandler?: true
}

/** Not enough is known yet: ask again when the lifetimes have changed, or at this moment at the latest. */
export class NotYet {
  readonly again: Micros | undefined

  constructor(again: Micros | undefined) {
    this.again = again
  }
}

export type Verdict = ReadonlyArray<RuleHit> | NotYet

/** `notYet` while more may become known; a finished recording says what it has. */
export const notYetUnless = (moment: Moment, again?: Micros): Verdict =>
  moment.final ? [] : new NotYet(again)

/** Most rules have nothing to say about most exchanges, and there are many of both. */
const nothing: Verdict = []

/** Combines the verdicts about all lifetimes of one kind: the hits, or "not yet" if one of them is unsure. */
export const ofEach = <A>(
  lifetimes: ReadonlyArray<A>,
  judgeOne: (exchange: Exchange, lifetime: A, moment: Moment) => Verdict,
  exchange: Exchange,
  moment: Moment,
): Verdict => {
  if (lifetimes.length === 0) return nothing
  const held: Array<RuleHit> = []
  let pending: NotYet | undefined
  for (const lifetime of lifetimes) {
    const verdict = judgeOne(exchange, lifetime, moment)
    if (verdict instanceof NotYet) pending = sooner(pending, verdict)
    else if (verdict.length > 0) held.push(...verdict)
  }
  return held.length > 0 ? held : (pending ?? nothing)
}

/** Combines the verdicts about two kinds. */
export const all = (one: Verdict, other: Verdict): Verdict => {
  if (one instanceof NotYet) {
    if (other instanceof NotYet) return sooner(one, other)
    return other.length > 0 ? other : one
  }
  if (other instanceof NotYet) return one.length > 0 ? one : other
  if (one.length === 0) return other
  return other.length === 0 ? one : [...one, ...other]
}

/** The one that asks again first. If only a change can bring news, either will do. */
export const sooner = (one: NotYet | undefined, other: NotYet): NotYet => {
  if (one?.again === undefined) return other
  return other.again === undefined || one.again <= other.again ? one : other
}

/** A report of the bug in the world. */
export interface Incident {
  /** As `OpenCode #27391`. */
  readonly title: string
  readonly url: string
  /** What happened there, in one sentence. */
  readonly story: string
}

/** A relation between lifetimes that exists only if there is a bug. */
export interface Rule<Name extends string = string> {
  readonly name: Name
  readonly severity: Severity
  /** What a user notices, in one plain sentence. */
  readonly symptom: string
  /** What it means, in one line. */
  readonly summary: string
  /**
   * When the rule applies, as a relation of intervals, and when it stays silent: a few sentences of Markdown.
   */
  readonly meaning: string
  /** How to fix it, in Effect terms, with a few lines of code. */
  readonly suggestion: string
  readonly incidents: ReadonlyArray<Incident>
  /** What an exchange must contain before this rule's silence means "no problem". */
  readonly shownBy: ShownBy
  readonly judge: (exchange: Exchange, moment: Moment) => Verdict
  /** For what belongs to no exchange. */
  readonly judgeProgram?: (program: Program, moment: Moment) => Verdict
}
