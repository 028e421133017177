import { afterEach, describe, expect, it, vi } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import { momentsOf } from "../../../otel/instrument/effect/moments.ts"
import { fromNanos } from "../../../otel/lifetimes/time.ts"

const own = Context.get(Context.empty(), Clock.Clock)

/** Microseconds of the platform, and of Effect's clock that is asked with them. */
const set = (ticks: number, clock: number) => {
  vi.spyOn(performance, "now").mockReturnValue(ticks / 1000)
  vi.spyOn(own, "currentTimeNanosUnsafe").mockReturnValue(BigInt(clock) * 1000n)
}

const epoch = 1_800_000_000_000_000

describe("the time by Effect's own clock", () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it("is what that says", () => {
    const before = fromNanos(own.currentTimeNanosUnsafe())
    const moment = momentsOf(own)()
    expect(moment).toBeGreaterThanOrEqual(before)
    expect(moment).toBeLessThanOrEqual(fromNanos(own.currentTimeNanosUnsafe()) + 1)
  })

  it("goes on without asking it", () => {
    const now = momentsOf(own)
    set(1_000, epoch)
    expect(now()).toBe(epoch)
    set(1_700, 0)
    expect(now()).toBe(epoch + 700)
  })

  it("does not go back after an answer that came late", () => {
    const now = momentsOf(own)
    set(1_000, epoch + 4_000)
    const first = now()
    set(13_000, epoch + 12_000)
    expect(now()).toBe(epoch + 12_000)
    expect(first).toBeLessThan(epoch + 12_000)
    set(14_000, epoch + 99_000)
    expect(now()).toBe(epoch + 13_000)
  })

  it("stands still where the answer before had come later than this moment", () => {
    const now = momentsOf(own)
    set(1_000, epoch + 40_000)
    const first = now()
    set(13_000, epoch + 12_000)
    expect(now()).toBe(first)
  })

  it("follows a wall clock that is set, back too", () => {
    const now = momentsOf(own)
    set(1_000, epoch)
    now()
    set(20_000, epoch - 5_000_000)
    expect(now()).toBe(epoch - 5_000_000)
    set(40_000, epoch + 5_000_000)
    expect(now()).toBe(epoch + 5_000_000)
  })
})

it("the time by any other clock is asked of that", () => {
  const now = momentsOf({ ...own, currentTimeNanosUnsafe: () => 1_999n })
  expect(now()).toBe(1)
})
