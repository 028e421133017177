import { describe, expect, it } from "vitest"
import { checklistOf, type Progress } from "../../src/watch/checklist.ts"

const started: Progress = {
  forMillis: 1_000,
  otlp: "http://127.0.0.1:4318",
  pid: 4711,
  isGone: false,
  hasSpans: false,
  hasExchange: false,
  hasLayer: false,
  isOwn: true,
}

const stepsOf = (more: Partial<Progress>) => checklistOf({ ...started, ...more })

const open = (more: Partial<Progress>) => stepsOf(more).find(({ done }) => !done)

describe("what has to happen until the first exchange", () => {
  it("says after 20 s what the first step that is open may lack", () => {
    expect(open({})).toEqual({ text: "Spans have come", done: false })
    expect(open({ forMillis: 20_000 })?.hint).toContain("OTLP/HTTP and not gRPC")
    expect(open({ forMillis: 20_000, hasSpans: true })?.hint).toContain(
      "Send the program a request",
    )
  })

  it("says at once that the program has ended", () => {
    expect(open({ isGone: true, hasSpans: true })).toEqual({
      text: "The program runs (pid 4711)",
      done: false,
      hint: "It has ended: what it printed says why.",
    })
  })
})
