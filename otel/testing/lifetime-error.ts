import { NodeInspectSymbol } from "effect/Inspectable"
import * as Schema from "effect/Schema"
import { codeBehind } from "../timeline/place-in-code.ts"
import { CodeLocation } from "./code-location.ts"
import { failureText } from "./failure-text.ts"
import { Leftover } from "./leftover.ts"
import type { GuardVerdict } from "./verdict.ts"

/** A rule that held of a guarded program. */
export const GuardFinding = Schema.Struct({
  rule: Schema.String,
  severity: Schema.Literals(["error", "warning"]),
  confidence: Schema.Literals(["certain", "likely"]),
  count: Schema.Number,
  route: Schema.String,
  operation: Schema.String,
  message: Schema.String,
  evidence: Schema.Record(
    Schema.String,
    Schema.Union([Schema.String, Schema.Number, Schema.Boolean]),
  ),
  suggestion: Schema.String,
  /** Where the scope was opened that it is about. */
  code: Schema.UndefinedOr(CodeLocation),
})

export interface GuardFinding extends Schema.Schema.Type<typeof GuardFinding> {}

/** A guarded program has a lifetime bug, or has left something open. */
export class LifetimeError extends Schema.TaggedError<LifetimeError>()("LifetimeError", {
  findings: Schema.Array(GuardFinding),
  leftovers: Schema.Array(Leftover),
  message: Schema.String,
}) {
  /** What a runner prints that inspects an error: the text, instead of its fields. */
  override [NodeInspectSymbol](): string {
    return `${this.name}: ${this.message}`
  }
}

/** The error that says so, where there is something to say. */
export const errorOf = (verdict: GuardVerdict): LifetimeError | undefined => {
  const { findings, leftovers } = verdict
  if (findings.length + leftovers.length === 0) return undefined
  const error = new LifetimeError({
    findings: findings.map(({ finding, example }) => ({
      rule: finding.rule,
      severity: finding.severity,
      confidence: finding.confidence,
      count: finding.count,
      route: finding.route,
      operation: finding.operation,
      message: finding.message,
      evidence: finding.evidence,
      suggestion: finding.suggestion,
      code: example && codeBehind(example.exchange, finding.examples[0]?.spanIds ?? []),
    })),
    leftovers,
    message: failureText(verdict),
  })
  // Made after the program: no frame of its stack is the test's.
  error.stack = `${error.name}: ${error.message}`
  return error
}
