import type { Finding } from "../../otel/lifetimes/finding.ts"
import type { JudgedExchange } from "../../otel/lifetimes/judge-trace.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import type { Panel } from "../../otel/timeline/layout.ts"
import type { Outcome } from "./snapshot.ts"

/** What a command shows, in the order in which a person reads it. */
export interface Report {
  readonly title: string
  /** In a few words: whether something was found. */
  readonly outcome: Outcome
  /** What happened, in sentences. */
  readonly verdict: ReadonlyArray<string>
  /** What of all that was read is in the report, in sentences. */
  readonly shown?: ReadonlyArray<string>
  /** What is drawn first; without it, an example of each finding. */
  readonly timelines: ReadonlyArray<Timelines>
  readonly findings: ReadonlyArray<FindingGroup>
  /** What could not be judged or is not shown, in sentences. */
  readonly notes: ReadonlyArray<string>
  /** Each is a run of the program, or of one of the programs that are compared. */
  readonly runs: ReadonlyArray<ReportedRun>
  readonly environment: Environment
}

/** Exchanges that are kept whole, with the spans of their traces. */
export interface ReportedRun {
  /** If there are several. */
  readonly name?: string
  readonly exchanges: ReadonlyArray<JudgedExchange>
  readonly spans: ReadonlyArray<Span>
  /** How many exchanges were judged and how many were open: more than are kept, if there were too many. */
  readonly judged?: number
  readonly open?: number
}

/** Drawings on one axis. */
interface Timelines {
  readonly heading: string | undefined
  readonly panels: ReadonlyArray<Panel>
  /** They show the same thing: differences between them are marked. */
  readonly compared: boolean
}

export interface FindingGroup {
  readonly heading: string
  readonly findings: ReadonlyArray<ReportedFinding>
  /**
   * What became of them, if a recording was compared with another; `known` ones are accepted, for the reason in
   * the note.
   */
  readonly state?: "new" | "still there" | "gone" | "not judged yet" | "known"
}

/** Nobody reads more than this, and a sender may make any number. */
export const mostFindings = 100

/** A finding, and what else is to be said of it here. */
export interface ReportedFinding {
  readonly finding: Finding
  readonly note?: string | undefined
}

/** Findings with nothing else to be said of them. */
export const findingsAlone = (findings: ReadonlyArray<Finding>): ReadonlyArray<FindingGroup> => [
  { heading: "Findings", findings: findings.map((finding) => ({ finding })) },
]

/** What made the report, by name. */
export type Environment = ReadonlyArray<readonly [name: string, value: string]>

/** The outcome, by the findings; `judged` is false if there was nothing to judge. */
export const outcomeOf = (findings: ReadonlyArray<Finding>, judged: boolean): Outcome => {
  const errors = findings.filter(({ severity }) => severity === "error").length
  const warnings = findings.length - errors
  const rules = [...new Set(findings.map(({ rule }) => rule))].join(", ")
  if (errors > 0) return { kind: "error", text: `Found: ${rules}` }
  if (warnings > 0) return { kind: "warning", text: `Found: ${rules}` }
  return judged
    ? { kind: "good", text: "No problems found" }
    : { kind: "unknown", text: "Nothing could be judged" }
}
