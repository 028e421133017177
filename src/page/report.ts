import type { Finding } from "../../otel/lifetimes/finding.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import type { Differences } from "../../otel/timeline/difference.ts"
import type { Panel } from "../../otel/timeline/layout.ts"

/** What a command has to show, in the order in which a person reads it. */
export interface Report {
  readonly title: string
  /** In a few words: whether something was found. */
  readonly outcome: Outcome
  /** What happened, in sentences. */
  readonly verdict: ReadonlyArray<string>
  /** What of all that was read is in the report, in sentences. */
  readonly shown?: ReadonlyArray<string>
  readonly timelines: ReadonlyArray<Timelines>
  readonly findings: ReadonlyArray<FindingGroup>
  /** What could not be judged or is not shown, in sentences. */
  readonly notes: ReadonlyArray<string>
  readonly spans: ReadonlyArray<Span>
  readonly environment: Environment
}

export interface Outcome {
  readonly kind: "good" | "warning" | "error" | "unknown"
  readonly text: string
}

/** Drawings on one axis. */
interface Timelines {
  readonly heading: string | undefined
  readonly panels: ReadonlyArray<Panel>
  readonly differences: Differences
}

export interface FindingGroup {
  readonly heading: string
  readonly findings: ReadonlyArray<ReportedFinding>
  /** What is not there any more, or is accepted, must not look like something to do. */
  readonly state?: "gone" | "known"
}

/** More than these nobody reads, and a sender may make any number. */
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

/** The outcome that findings speak of; `judged` is false where there was nothing to judge. */
export const outcomeOf = (findings: ReadonlyArray<Finding>, judged: boolean): Outcome => {
  const errors = findings.filter(({ severity }) => severity === "error").length
  const warnings = findings.length - errors
  const rules = [...new Set(findings.map(({ rule }) => rule))].join(", ")
  if (errors > 0) return { kind: "error", text: `Found: ${rules}` }
  if (warnings > 0) return { kind: "warning", text: `Found: ${rules}` }
  return judged
    ? { kind: "good", text: "No rule held" }
    : { kind: "unknown", text: "Nothing could be judged" }
}
