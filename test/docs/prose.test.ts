import { describe, expect, it } from "vitest"
import { problemsIn } from "../../docs/prose.ts"

const messagesOf = async (text: string) => (await problemsIn(text)).map(({ message }) => message)

const long = Array.from({ length: 40 }, (_, n) => `word${n}`).join(" ")

describe("the prose linter", () => {
  it.each([
    ["A scope that closes late is none that leaks.", '"is none that": write "is not"'],
    ["| a | b |\n| --- | --- |\n| 1 | Whoever asks |", '"Whoever": write "people who"'],
    [`The ${long}.`, "has 41 words: make two sentences of it"],
    ["We have a, b, c, d, e, f, g, h, and i.", "has 8 commas: make it a list"],
  ])("complains of %s", async (text, message) => {
    expect(await messagesOf(text)).toEqual([expect.stringContaining(message)])
  })

  it.each([
    "Short sentences. The subject comes first.",
    `\`\`\`ts\n// whoever ${long}\n\`\`\``,
    "The name is `whoever`.",
    'It prints "whoever asks".',
    "| a | b |\n| --- | --- |\n| 1 | a, b, c, d, e, f, g, h, i |",
  ])("has nothing against %s", async (text) => {
    expect(await messagesOf(text)).toEqual([])
  })
})
