import * as Schema from "effect/Schema"

/** A finding as every command prints it. */
export const Finding = Schema.Struct({
  rule: Schema.String,
  severity: Schema.Literals(["error", "warning"]),
  confidence: Schema.Literals(["certain", "likely"]),
  count: Schema.Int,
  service: Schema.String,
  route: Schema.String,
  operation: Schema.String,
  message: Schema.String,
  evidence: Schema.Record(
    Schema.String,
    Schema.Union([Schema.String, Schema.Finite, Schema.Boolean]),
  ),
  suggestion: Schema.String,
  examples: Schema.Array(
    Schema.Struct({ traceId: Schema.String, spanIds: Schema.Array(Schema.String) }),
  ),
})

export const Findings = Schema.Array(Finding)

/** What was read out of a source as every command prints it. */
export const Diagnosed = Schema.Struct({
  traces: Schema.Int,
  spans: Schema.Int,
  skippedLines: Schema.Int,
  exchangesJudged: Schema.Int,
  exchangesOpen: Schema.Int,
  notes: Schema.Array(Schema.String),
  findings: Findings,
})
