import { describe, expect, it } from "vitest"
import { answerTo } from "../bin/answers.js"
import { runCommand } from "./support/command.ts"

const early = [[], ["--help"], ["-h"], ["help"], ["--version"], ["-v"]]

const terminals: ReadonlyArray<Readonly<Record<string, string>>> = [
  {},
  { TERM: "dumb" },
  { NO_COLOR: "1" },
  { NO_COLOR: "", FORCE_COLOR: "0" },
  { FORCE_COLOR: "1" },
  { FORCE_COLOR: "False" },
  { FORCE_COLOR: "true", NO_COLOR: "1" },
  { FORCE_COLOR: "1", TERM: "dumb" },
]

describe("what is answered before the command line is loaded", () => {
  it.each(early.map((words) => [words.join(" ") || "nothing", words] as const))(
    "is to %s what the command line itself prints, in every terminal and in none",
    async (_, words) => {
      for (const terminal of [undefined, { columns: 80 }]) {
        for (const variables of terminals) {
          const { code, stdout, stderr } = await runCommand(words, {
            variables: { TERM: "xterm", ...variables },
            ...(terminal === undefined ? {} : { terminal }),
          })
          expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
          const answer = answerTo(words, { TERM: "xterm", ...variables }, terminal !== undefined)
          expect(answer, JSON.stringify(variables)).toBe(stdout)
        }
      }
    },
  )

  it("is nothing where a command is asked for, or anything else", () => {
    const others = [
      ["serve"],
      ["serve", "--help"],
      ["--help", "serve"],
      ["-v", "-h"],
      ["help", "serve"],
    ]
    for (const words of others) expect(answerTo(words, {}, false)).toBeUndefined()
  })
})
