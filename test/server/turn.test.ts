import { setImmediate as nextTurn } from "node:timers/promises"
import * as Effect from "effect/Effect"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { makeTurns } from "../../src/server/turn.ts"

/** Comes, and tells who went on: those of one turn stand together. */
const visitors = () => {
  const turn = makeTurns()
  const gone: Array<string> = []
  const come = (...names: ReadonlyArray<string>) => {
    for (const name of names) {
      Effect.runFork(
        Effect.andThen(
          turn,
          Effect.sync(() => gone.push(name)),
        ),
      )
    }
  }
  return { come, gone }
}

describe("those who come in one turn of the event loop", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }))
  afterEach(() => void vi.useRealTimers())

  it("go on together at its end", async () => {
    const { come, gone } = visitors()
    come("a", "b")
    expect(gone).toEqual([])
    await nextTurn()
    expect(gone).toEqual(["a", "b"])
  })

  it("wait for as many as came the last time", async () => {
    const { come, gone } = visitors()
    come("a", "b")
    await nextTurn()
    come("c")
    await nextTurn()
    expect(gone).toEqual(["a", "b"])
    come("d")
    await nextTurn()
    expect(gone).toEqual(["a", "b", "c", "d"])
  })

  it("wait no longer than a millisecond, and the next one not at all", async () => {
    const { come, gone } = visitors()
    come("a", "b")
    await nextTurn()
    come("c")
    vi.advanceTimersByTime(1)
    await nextTurn()
    expect(gone).toEqual(["a", "b", "c"])
    come("d")
    await nextTurn()
    expect(gone).toEqual(["a", "b", "c", "d"])
  })
})
