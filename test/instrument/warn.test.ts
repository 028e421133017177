import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { harmlessly } from "../../otel/instrument/harmlessly.ts"
import { warn } from "../../otel/instrument/warn.ts"
import { capturedStderr } from "../support/stderr.ts"

describe("what is wrong with the observation itself", () => {
  const stderr = capturedStderr()
  const broken = (): number => {
    throw new Error("broken")
  }

  it("is told on stderr, each message once", () => {
    warn("one")
    warn("other")
    warn("one")
    deepStrictEqual(stderr.mock.calls, [["one"], ["other"]])
  })

  it("does not reach the program, and is told with its cause", () => {
    deepStrictEqual([harmlessly(broken, 1), harmlessly(broken, 2)], [1, 2])
    deepStrictEqual(stderr.mock.calls, [
      ["Scopeline could not record a lifetime; the program goes on.", new Error("broken")],
    ])
  })

  it("does not reach the program where the console throws too", () => {
    stderr.mockImplementation(broken)
    warn("to a broken console")
  })
})
