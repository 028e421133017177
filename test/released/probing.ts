import { Effect, Schema } from "effect"
import { runCommand } from "../support/command.ts"

const Counts = Schema.Record(Schema.String, Schema.Int)

/** What of the probe's JSON is looked at here. */
const ProbeResult = Schema.Struct({
  connections: Schema.Array(
    Schema.Struct({
      status: Schema.NullOr(Schema.Int),
      streamMs: Schema.NullOr(Schema.Finite),
      endedBy: Schema.NullOr(Schema.String),
      events: Counts,
    }),
  ),
  difference: Schema.optional(Schema.Struct({ missing: Counts, extra: Counts })),
  findings: Schema.Array(
    Schema.Struct({
      rule: Schema.String,
      severity: Schema.String,
      confidence: Schema.String,
      count: Schema.Int,
      operation: Schema.String,
      message: Schema.String,
      evidence: Schema.Record(Schema.String, Schema.Json),
    }),
  ),
  notes: Schema.Array(Schema.String),
})

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(ProbeResult))

/** Runs `scopeline probe` as a user does, and reads what it prints. */
export const probe = Effect.fnUntraced(function* (...words: ReadonlyArray<string>) {
  const { code, stdout, stderr } = yield* Effect.promise(() =>
    runCommand(["probe", ...words, "--json"]),
  )
  if (stdout === "") throw new Error(`exit code ${code}: ${stderr}`)
  return { code, ...decode(stdout) }
})

export type ProbeResult = Effect.Success<ReturnType<typeof probe>>

export const rulesOf = ({ findings }: ProbeResult) =>
  findings.map(({ rule, confidence, count }) => `${rule} ${confidence} ${count}`)
