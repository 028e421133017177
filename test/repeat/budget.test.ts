import { describe, expect, it } from "vitest"
import { nameOf, scenarios } from "../../src/scenarios/catalogue.ts"
import { variantNames } from "../../src/scenarios/scenario.ts"
import { runCommand } from "../support/command.ts"

/** In seconds. */
const most = { run: 5, catalogue: 150 }

/** How long a command takes; once more where that is too long, as another program may have been busy. */
const secondsOf = async (words: ReadonlyArray<string>, tries = 3): Promise<number> => {
  const begun = performance.now()
  const { code, stdout } = await runCommand(words)
  const seconds = (performance.now() - begun) / 1000
  expect(code, stdout).toBe(0)
  return seconds < most.run || tries === 1 ? seconds : secondsOf(words, tries - 1)
}

describe("scopeline scenario run", () => {
  it("ends by itself within seconds, and all of them within minutes", async () => {
    const took: Array<{ readonly run: string; readonly seconds: number }> = []
    for (const name of scenarios.map(nameOf)) {
      for (const variant of variantNames) {
        const words = ["scenario", "run", name, ...(variant === "fixed" ? ["--fixed"] : [])]
        took.push({ run: `${name} ${variant}`, seconds: await secondsOf(words) })
      }
    }
    const sum = took.reduce((seconds, one) => seconds + one.seconds, 0)
    const longest = took.toSorted((a, b) => b.seconds - a.seconds)[0]
    console.log(
      `${took.length} runs of scenario run took ${sum.toFixed(1)} s; ` +
        `the longest, ${longest?.run}, ${longest?.seconds.toFixed(1)} s.`,
    )
    expect(took.filter(({ seconds }) => seconds >= most.run)).toEqual([])
    expect(sum).toBeLessThan(most.catalogue)
  })
})
