import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { commandHelp } from "../../docs/command-reference.ts"
import { exitCodesOf } from "../../src/commands/exit-codes.ts"
import { runCommand } from "../support/command.ts"

describe("help", () => {
  it.each([["diagnose"], ["scenario", "run"], ["watch"], []])(
    "of a command is the same by its name and by the flag: %s",
    async (...words) => {
      const byName = await runCommand(["help", ...words])
      expect(byName).toEqual(await runCommand([...words, "--help"]))
      expect(byName.code).toBe(0)
    },
  )

  it.effect("of every command ends with examples and its exit codes", () =>
    Effect.gen(function* () {
      for (const { commandPath = [], subcommands, examples = [] } of yield* commandHelp) {
        if (subcommands !== undefined && subcommands.length > 0) continue
        const name = commandPath.join(" ")
        if (name === "scopeline scenario list") continue
        expect(examples.length, name).toBeGreaterThan(0)
        expect(exitCodesOf(commandPath).length, name).toBeGreaterThan(1)
      }
      const { stdout } = yield* Effect.promise(() => runCommand(["help", "diagnose"]))
      expect(stdout).toMatch(/EXAMPLES\n[\s\S]*\n\nEXIT CODES\n {2}0 {2}no problems found/)
    }),
  )
})

describe("help for a command", () => {
  it.each([
    ["serve", "--fixed"],
    ["scenario", "run", "starved-stream"],
  ])("runs nothing, whatever follows: %s %s", async (...words) => {
    const { code, stdout } = await runCommand(["help", ...words])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^DESCRIPTION\n/)
  })
})

describe("a name that is mistyped", () => {
  it.each([
    [["diagnos"], 'Unknown subcommand "diagnos" for "scopeline". Did you mean diagnose? (see sc'],
    [["help", "diagnos"], 'Unknown subcommand "diagnos" for "scopeline". Did you mean diagnose?'],
    [["nothing"], 'Unknown subcommand "nothing" for "scopeline". (see scopeline --help)'],
    [
      ["hlep"],
      'Unknown subcommand "hlep" for "scopeline". Did you mean help? (see scopeline --help)',
    ],
    [
      ["help", "scenario", "rnu"],
      'Unknown subcommand "rnu" for "scopeline scenario". Did you mean run?',
    ],
    [["--hlep"], "Unrecognized flag: --hlep in command scopeline. Did you mean --help?"],
    [["serve", "--verion"], "Did you mean --version? (see scopeline serve --help)"],
    [
      ["--completions", "bsh"],
      '--completions "bsh": one of bash, zsh, fish, powershell, sh, pwsh is expected. Did you mean ',
    ],
    [["scenario", "lst"], 'Unknown subcommand "lst" for "scopeline scenario". Did you mean list?'],
    [["diagnose", "--sevice", "a", "b"], "Did you mean --service? (see scopeline diagnose --help)"],
    [["scenario", "run", "starved"], 'no scenario "starved". Did you mean starved-stream?'],
    [["scenario", "run", "scope"], "Did you mean scope-closed-early or scope-pile-up?"],
    [["scenario", "run", "nothing-like-it"], 'no scenario "nothing-like-it". There are:'],
    [["compare", "--variants", "brokn,fixed"], 'no variant "brokn". Did you mean broken?'],
    [["compare", "--variants", "fixed,fixed"], "are expected, each named once."],
  ])("is named, with what may be meant: %s", async (words, message) => {
    const { code, stdout, stderr } = await runCommand(words)
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toContain(message)
  })
})
