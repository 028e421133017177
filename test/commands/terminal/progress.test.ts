import { describe, expect, it } from "vitest"
import { progressText } from "../../../src/commands/terminal/progress.ts"
import { capture } from "../../recordings/recording.ts"
import { runCommand } from "../../support/command.ts"

describe("the line that tells how far reading is", () => {
  it("has the share, the spans and the rate", () => {
    const progress = { pass: 1, bytes: 42, size: 100, spans: 1_234_567, spansOfAll: 1_234_567 }
    expect(progressText(progress, 2_000)).toBe("42 %  1,234,567 spans  617,284 spans/s")
  })

  it("is shown where somebody sees it, and taken away", async () => {
    const words = ["diagnose", capture("1.15.3")]
    const { stdout, stderr } = await runCommand(words, { terminal: { columns: 80 } })
    expect(stderr).toMatch(/^\r\u001b\[K100 % {2}85 spans .*\r\u001b\[K$/)
    expect(stdout).toContain("Read 85 spans of 3 traces")
    expect((await runCommand(words)).stderr).toBe("")
  })

  it("has no share where the size is not known, and says when it reads again", () => {
    const progress = { pass: 2, bytes: 42, size: undefined, spans: 10, spansOfAll: 30 }
    expect(progressText(progress, 1_000)).toBe("reading again (2)  10 spans  30 spans/s")
  })
})
