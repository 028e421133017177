import { NodeInspectSymbol } from "effect/Inspectable"
import * as Schema from "effect/Schema"
import { CodeLocation } from "./code-location.ts"
import { failureText } from "./failure-text.ts"
import { Leftover } from "./leftover.ts"
import type { GuardVerdict } from "./verdict.ts"

/** A finding about a guarded program. */
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
  /** Where in the code that stands which it is about. */
  code: Schema.UndefinedOr(CodeLocation),
})

export interface GuardFinding extends Schema.Schema.Type<typeof GuardFinding> {}

/** A guarded program has a lifetime bug, or has left something open. */
export class LifetimeError extends Schema.TaggedError<LifetimeError>()("LifetimeError", {
  findings: Schema.Array(GuardFinding),
  leftovers: Schema.Array(Leftover),
  message: Schema.String,
}) {
  /** A runner that inspects errors prints this text instead of the fields. */
  override [NodeInspectSymbol](): string {
    return `${this.name}: ${this.message}`
  }
}

/** The error for this verdict, if there is anything to report. */
export const errorOf = (verdict: GuardVerdict): LifetimeError | undefined => {
  const { findings, leftovers } = verdict
  if (findings.length + leftovers.length === 0) return undefined
  const error = new LifetimeError({
    findings: findings.map(({ finding }) => ({
      rule: finding.rule,
      severity: finding.severity,
      confidence: finding.confidence,
      count: finding.count,
      route: finding.route,
      operation: finding.operation,
      message: finding.message,
      evidence: finding.evidence,
      suggestion: finding.suggestion,
      code: finding.code,
    })),
    leftovers,
    message: failureText(verdict),
  })
  // `@effect/vitest` logs a copy of every error with its enumerable fields: they would repeat what the text says.
  const hidden = { enumerable: false }
  Object.defineProperties(error, { findings: hidden, leftovers: hidden })
  error.stack = [`${error.name}: ${error.message}`, ...placesIn(error).map(frameOf)].join("\n")
  return error
}

/**
 * The error is made after the program, so its own stack leads nowhere: the places of the problems take its
 * place.
 */
const placesIn = ({ findings, leftovers }: LifetimeError): ReadonlyArray<CodeLocation> => {
  const places = [...findings, ...leftovers].flatMap(({ code }) => code ?? [])
  return [...new Map(places.map((code) => [frameOf(code), code])).values()].filter(
    ({ file }) => file !== undefined,
  )
}

/** As a line of a stack, which runners know how to show; the column is not known. */
const frameOf = ({ function: name, file, line }: CodeLocation): string =>
  `    at ${name} (${file}:${line ?? 1}:1)`
