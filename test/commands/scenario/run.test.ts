import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { rules } from "../../../otel/lifetimes/registry.ts"
import { runCommand } from "../../support/command.ts"
import { Findings } from "../../support/findings.ts"

/** Refuses a document that has any other field. */
const decoder = <S extends Schema.ConstraintDecoder<unknown>>(schema: S) =>
  Schema.decodeUnknownSync(Schema.fromJsonString(schema), { onExcessProperty: "error" })

const decodeList = decoder(
  Schema.Array(
    Schema.Struct({
      name: Schema.String,
      rule: Schema.String,
      incident: Schema.String,
      summary: Schema.String,
    }),
  ),
)

const decodePlayed = decoder(
  Schema.Struct({
    name: Schema.String,
    variant: Schema.Literals(["broken", "fixed"]),
    expected: Schema.Array(Schema.String),
    findings: Findings,
  }),
)

const names = rules.map(({ name }) => name)

describe("scopeline scenario list", () => {
  it("names every rule, with the incidents that it is known from", async () => {
    const { code, stdout, stderr } = await runCommand(["scenario", "list", "--json"])
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    const listed = decodeList(stdout)
    expect(listed.map(({ name }) => name)).toEqual(names)
    expect(listed.map(({ rule }) => rule)).toEqual(names)
    expect(listed[0]).toMatchObject({
      incident: "OpenCode #27391, alchemy-run/alchemy #1639, alchemy-run/alchemy #308",
    })
  })

  it("is a table for people", async () => {
    const { code, stdout } = await runCommand(["scenario", "list"])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^name +severity +incident$/m)
    expect(stdout).toMatch(/^late-subscription +warning +OpenCode #27959$/m)
  })
})

describe("scopeline scenario run", () => {
  it("gives what was expected and found, and 0 where that is the same", async () => {
    const words = ["scenario", "run", "late-subscription", "--json"]
    const broken = await runCommand(words)
    expect({ code: broken.code, stderr: broken.stderr }).toEqual({ code: 0, stderr: "" })
    const played = decodePlayed(broken.stdout)
    expect(played).toMatchObject({
      name: "late-subscription",
      variant: "broken",
      expected: ["late-subscription"],
    })
    expect(played.findings.map(({ rule }) => rule)).toEqual(["late-subscription"])

    const fixed = await runCommand([...words, "--fixed"])
    expect({ code: fixed.code, stderr: fixed.stderr }).toEqual({ code: 0, stderr: "" })
    expect(decodePlayed(fixed.stdout)).toEqual({
      name: "late-subscription",
      variant: "fixed",
      expected: [],
      findings: [],
    })
  })

  it("shows people the incident, the timeline, the finding, and how to see the other variant", async () => {
    const { code, stdout } = await runCommand(["scenario", "run", "context-lost"])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^context-lost · broken\n/)
    expect(stdout).toContain("OpenCode #27391 · https://github.com/anomalyco/opencode/pull/27425\n")
    expect(stdout).toMatch(/^── GET \/event · trace [0-9a-f]{32} ─/m)
    expect(stdout).toContain("context-lost · error · certain · once")
    expect(stdout).toContain("how to fix it")
    expect(stdout).toContain("This is what the scenario is there to show")
    expect(stdout).toMatch(/scopeline scenario run context-lost --fixed\n\n(?:.+\n){1,2}$/)
    expect(stdout).not.toContain("\u001b")
  })

  it("takes an unknown name for a mistake, and says which is alike", async () => {
    const { code, stdout, stderr } = await runCommand(["scenario", "run", "slow-consumr"])
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toBe('There is no scenario "slow-consumr". Did you mean slow-consumer?\n')
  })

  it("lists what there is where no name is alike, one a line", async () => {
    const { code, stderr } = await runCommand(["scenario", "run", "xyz"])
    expect(code).toBe(2)
    const lines = names.map((name) => `  ${name}`)
    expect(stderr).toBe(`${['There is no scenario "xyz". There are:', ...lines].join("\n")}\n`)
  })
})
