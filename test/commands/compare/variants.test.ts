import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Schema from "effect/Schema"
import { type Ended, runCommand } from "../../support/command.ts"
import { Findings } from "../../support/findings.ts"
import { scopelineProcess } from "../../support/process.ts"

const Variant = Schema.Struct({
  traceId: Schema.String.check(Schema.isPattern(/^[0-9a-f]{32}$/)),
  streamMs: Schema.Finite,
  endedBy: Schema.String,
  eventsPublished: Schema.Int,
  eventsReceived: Schema.Int,
  findings: Findings,
})

const { verdict, ...variants } = {
  broken: Variant,
  actual: Variant,
  literal: Variant,
  fixed: Variant,
  verdict: Schema.Literals(["as-expected", "unexpected"]),
}
const decodeTwo = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.Struct({ broken: variants.broken, fixed: variants.fixed, verdict })),
)
const decodeFour = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.Struct({ ...variants, verdict })),
)

const comparedTwo = ({ code, stdout, stderr }: Ended) => {
  expect(stderr).toBe("")
  return { code, ...decodeTwo(stdout) }
}

describe("scopeline compare", () => {
  it("shows the broken stream ended by the server, and why, and the fixed one whole", async () => {
    const { code, broken, fixed, verdict } = comparedTwo(await runCommand(["compare", "--json"]))
    expect({ code, verdict }).toEqual({ code: 0, verdict: "as-expected" })
    expect(broken).toMatchObject({ endedBy: "server", eventsPublished: 4, eventsReceived: 0 })
    expect(broken.findings).toHaveLength(1)
    expect(broken.findings[0]).toMatchObject({
      rule: "scope-closed-early",
      severity: "error",
      confidence: "certain",
      count: 1,
      service: "scopeline-sse",
      route: "GET /event",
      operation: "scope handler",
      examples: [{ traceId: broken.traceId }],
    })
    expect(broken.findings[0]?.message).toMatch(
      /^Scope "handler" closed at [\d.]+ m?s and released subscription "bus" .* ended at [\d.]+ m?s/,
    )
    expect(fixed).toMatchObject({ endedBy: "client", eventsPublished: 4, eventsReceived: 4 })
    expect(fixed.findings).toEqual([])
    expect(fixed.streamMs).toBeGreaterThan(broken.streamMs)
  }, 30_000)

  it("names the cause of each variant", async () => {
    const { code, stdout } = await runCommand([
      "compare",
      "--json",
      "--variants",
      "broken,actual,literal,fixed",
    ])
    const { verdict, ...compared } = decodeFour(stdout)
    expect({ code, verdict }).toEqual({ code: 0, verdict: "as-expected" })
    expect(Object.keys(compared)).toEqual(["broken", "actual", "literal", "fixed"])
    expect(
      Object.values(compared).map(({ endedBy, findings }) => [
        endedBy,
        findings.map(({ rule, confidence }) => `${rule} ${confidence}`),
      ]),
    ).toEqual([
      ["server", ["scope-closed-early certain"]],
      ["error", ["context-lost certain"]],
      ["client", ["subscription-leak certain"]],
      ["client", []],
    ])
  }, 30_000)

  it.live("does not let the environment of its caller change anything", () =>
    Effect.gen(function* () {
      // In a process of its own: some of these variables are read by the SDK.
      const program = yield* scopelineProcess(["compare", "--json"], {
        FIXED_SSE: "1",
        OTEL_SDK_DISABLED: "true",
        OTEL_TRACES_SAMPLER: "always_off",
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
        OTEL_SERVICE_NAME: "somebody-else",
        OTEL_BSP_MAX_QUEUE_SIZE: "1",
      })
      const ended = yield* program.ended
      const { code, broken, fixed } = comparedTwo({
        code: ended,
        stdout: program.stdout(),
        stderr: program.stderr(),
      })
      expect(code).toBe(0)
      expect(broken.findings.map(({ rule, service }) => [rule, service])).toEqual([
        ["scope-closed-early", "scopeline-sse"],
      ])
      expect(fixed.findings).toEqual([])
    }),
  )

  it("draws both timelines on one axis and says the verdict in a sentence each", async () => {
    const { code, stdout, stderr } = await runCommand(["compare"])
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    for (const row of [
      "client GET /event",
      "scope request",
      "scope handler",
      "scope connection",
      "subscription bus",
      "stream event",
    ]) {
      expect(stdout).toContain(row)
    }
    const text = stdout.replaceAll(/\s+/g, " ")
    expect(text).toMatch(
      / Broken: the stream was ended by the server after [\d.]+ m?s \(the client's own time\)/,
    )
    expect(text).toMatch(
      / Fixed: the stream stayed open until its client left after [\d.]+ m?s \(the client's own time\)/,
    )
    expect(stdout).not.toContain("\u001b")
  }, 30_000)

  it("refuses a variant that does not exist, or one that is named twice, with exit code 2", async () => {
    for (const variants of ["broken,wrong", "fixed,fixed", ""]) {
      const { code, stdout, stderr } = await runCommand(["compare", "--variants", variants])
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
      expect(stderr.trim().split("\n")).toHaveLength(1)
      expect(stderr).toContain("broken, actual, literal, fixed")
    }
  }, 30_000)
})
