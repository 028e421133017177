import type { SpanReference } from "./span.ts"
import type { CodeLocation } from "./spans/code.ts"

export type Severity = "error" | "warning"

/** `certain`: the causal chain is in the trace. `likely`: inferred. */
export type Confidence = "certain" | "likely"

export type Evidence = Readonly<Record<string, string | number | boolean>>

/** What a rule says about a hit. */
interface RuleStatement {
  readonly rule: string
  readonly severity: Severity
  readonly confidence: Confidence
  readonly service: string
  readonly route: string
  /** The lifetime that owns the bug, by its span's name. */
  readonly operation: string
  readonly message: string
  readonly evidence: Evidence
  readonly suggestion: string
  /** The place in the code of the program, if one is known. */
  readonly code: CodeLocation | undefined
}

/** A rule that held, once: about one exchange. */
export interface Match extends RuleStatement {
  /** The exchange's span. */
  readonly exchange: SpanReference
  /** The run of a stream that it is about, if there is one. */
  readonly stream: string | undefined
  /** Span ids of the lifetimes it is about, the owner first. */
  readonly spanIds: ReadonlyArray<string>
}

export interface Example {
  readonly traceId: string
  readonly spanIds: ReadonlyArray<string>
}

/** A rule's hits for one service, route and owning operation: how often, with examples. */
export interface Finding extends RuleStatement {
  readonly count: number
  readonly examples: ReadonlyArray<Example>
}

/** Equal for matches about one exchange that are the same finding. */
export const matchKey = ({ rule, operation, spanIds: [owner] }: Match): string =>
  JSON.stringify([rule, operation, owner])

/**
 * Whether two matches about one exchange are the same finding. One may be recorded, the other computed again.
 */
export const isSameMatch = (a: Match, b: Match): boolean =>
  a.rule === b.rule && a.operation === b.operation && a.spanIds[0] === b.spanIds[0]

export const maximumExamples = 5

/** Equal for a finding and its matches. */
export const groupKey = ({ rule, service, route, operation }: RuleStatement): string =>
  JSON.stringify([rule, service, route, operation])

/** Folds matches into findings: one bug on a thousand connections is one finding with a count. */
export const groupFindings = (matches: Iterable<Match>): ReadonlyArray<Finding> => {
  const groups = new Map<string, [Match, ...Array<Match>]>()
  for (const match of matches) {
    const key = groupKey(match)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [match])
    else group.push(match)
  }
  return [...groups.values()].map(toFinding)
}

const toFinding = (group: readonly [Match, ...Array<Match>]): Finding => {
  const spokesman = group.find((match) => match.confidence === "certain") ?? group[0]
  return findingOf(spokesman, group.length, group.slice(0, maximumExamples))
}

/** A finding that says what `spokesman` says. */
export const findingOf = (
  spokesman: Match,
  count: number,
  examples: ReadonlyArray<Match>,
): Finding => {
  const { rule, severity, confidence, service, route, operation } = spokesman
  const { message, evidence, suggestion, code } = spokesman
  return {
    rule,
    severity,
    confidence,
    count,
    service,
    route,
    operation,
    message,
    evidence,
    suggestion,
    code,
    examples: examples.map((match) => ({
      traceId: match.exchange.traceId,
      spanIds: match.spanIds,
    })),
  }
}
