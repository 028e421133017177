import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { commandHelp } from "../../docs/command-reference.ts"
import { codeLines, documents, documentText } from "./documents.ts"

/** The names of the flags of each command, and of all. */
const flagsByCommand = Effect.map(commandHelp, (commands) => {
  const [root] = commands
  const ofEvery = (root?.globalFlags ?? []).map(({ name }) => name)
  return new Map(
    commands.map(({ commandPath = [], flags }) => [
      commandPath.slice(1).join(" "),
      new Set([...flags.map(({ name }) => name), ...ofEvery]),
    ]),
  )
})

/** How documents start the command line. */
const call =
  /(?:\bscopeline (?:-- )?|^)(watch|compare|live|serve|collect|diagnose|drive|probe|scenario \w+)\b(.*)/
const script = /\bnpm (?:-s )?(?:run )?(start|live) --(.*)/
const flag = /(?<=\s)--([a-z][a-z-]*)/g

/** A command that a line of code starts, and the flags that it gives to it. */
const callIn = (line: string) => {
  const [, name, words] = script.exec(line) ?? call.exec(line.replace(/\s#.*/, "")) ?? []
  if (name === undefined || words === undefined) return undefined
  const own = words.split(" -- ")[0] ?? ""
  const flags = [...own.matchAll(flag)].map(([, it = ""]) => it)
  return { name: name === "start" ? "compare" : name, flags }
}

const linesOf = (path: string) => codeLines(documentText(path)).map((line) => ({ path, line }))

const lines = documents.filter((path) => path !== "CHANGELOG.md").flatMap(linesOf)

describe("the command lines in the documents", () => {
  it("are found, with their flags", () => {
    const calls = lines.flatMap(({ line }) => callIn(line) ?? [])
    expect(calls.length).toBeGreaterThan(60)
    expect(new Set(calls.flatMap(({ flags }) => flags))).toContain("write-known")
  })

  it.effect("name only flags that their command has", () =>
    Effect.gen(function* () {
      const known = yield* flagsByCommand
      const unknown = lines.filter(({ line }) => {
        const called = callIn(line)
        return called?.flags.some((it) => known.get(called.name)?.has(it) !== true)
      })
      expect(unknown).toEqual([])
    }),
  )

  it.effect("name only flags that a command has, where a flag stands alone", () =>
    Effect.gen(function* () {
      const known = new Set([...(yield* flagsByCommand).values()].flatMap((it) => [...it]))
      const unknown = lines.filter(({ line }) => {
        const [, name] = /^--([a-z][a-z-]*)/.exec(line) ?? []
        return name !== undefined && !known.has(name)
      })
      expect(unknown).toEqual([])
    }),
  )
})

describe("the page of the command line", () => {
  it.effect("has every command, with every flag", () =>
    Effect.gen(function* () {
      const text = documentText("docs/cli.md")
      for (const [command, flags] of yield* flagsByCommand) {
        const heading = `\n### \`${command}\`\n`
        if (command !== "") expect(text).toContain(heading)
        for (const name of flags) expect(text, `${command} --${name}`).toContain(`\`--${name}`)
      }
    }),
  )

  it.effect("says what form the value of each flag has", () =>
    Effect.gen(function* () {
      const formless = (yield* commandHelp).flatMap(({ commandPath = [], flags }) =>
        flags
          .filter(({ type }) => type === "string" || type === "integer")
          .map(({ name }) => `${commandPath.join(" ")} --${name}`),
      )
      expect(formless).toEqual([])
    }),
  )
})
