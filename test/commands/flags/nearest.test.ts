import { describe, expect, it } from "vitest"
import { nearest } from "../../../src/commands/flags/nearest.ts"

describe("the nearest name", () => {
  it("is one that differs by a slip", () => {
    const names = ["slow-consumer", "orphan-fiber"]
    expect(nearest("slow-consumr", names)).toBe("slow-consumer")
    expect(nearest("orphan_fibre", names)).toBe("orphan-fiber")
  })

  it("is none where no name is alike", () => {
    expect(nearest("xyz", ["slow-consumer", "orphan-fiber"])).toBeUndefined()
    expect(nearest("slow", [])).toBeUndefined()
  })
})
