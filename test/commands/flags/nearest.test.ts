import { describe, expect, it } from "vitest"
import { nearest } from "../../../src/commands/flags/nearest.ts"

describe("the nearest name", () => {
  it("is one that differs by a slip", () => {
    const names = ["slow-consumer", "orphan-fiber"]
    expect(nearest("slow-consumr", names)).toEqual(["slow-consumer"])
    expect(nearest("orphan_fibre", names)).toEqual(["orphan-fiber"])
  })

  it("is each that begins like it", () => {
    const names = ["scope-closed-early", "scope-pile-up", "slow-consumer"]
    expect(nearest("scope", names)).toEqual(["scope-closed-early", "scope-pile-up"])
  })

  it("is none where no name is alike", () => {
    expect(nearest("xyz", ["slow-consumer", "orphan-fiber"])).toEqual([])
    expect(nearest("slow", [])).toEqual([])
  })
})
