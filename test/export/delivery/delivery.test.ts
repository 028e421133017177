import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { Answer } from "../../../otel/export/delivery/answer.ts"
import { Delivery } from "../../../otel/export/delivery/delivery.ts"
import { atTheEnd, type LossCause, type Standing } from "../../../otel/export/delivery/losses.ts"
import { traceId } from "../../lifetimes/spans.ts"
import { endedSpan } from "./ended-span.ts"

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const taken: Answer = { kind: "taken", rejected: 0, reason: "" }
const unreachable: Answer = {
  kind: "unreachable",
  reason: "connect ECONNREFUSED",
  mayHaveArrived: false,
}
const reset: Answer = { kind: "unreachable", reason: "read ECONNRESET", mayHaveArrived: true }
const later: Answer = { kind: "later", reason: "503", afterMillis: 2_000 }

/** Whatever is done at once has been done. */
const turn = () => vi.advanceTimersByTimeAsync(5)

/** A delivery whose recipient answers when and what a test says. */
const delivering = (
  options: Partial<{ delayMillis: number; batch: number; spans: number }> = {},
  ready?: Promise<void>,
) => {
  const open: Array<{ readonly names: string; readonly answer: (answer: Answer) => void }> = []
  const all: Array<string> = []
  const told: Array<Standing> = []
  const delivery = new Delivery(
    {
      ready,
      serialize: (spans) => new TextEncoder().encode(spans.map(({ name }) => name).join()),
      send: (body) =>
        new Promise((resolve) => {
          const names = new TextDecoder().decode(body)
          all.push(names)
          open.push({ names, answer: resolve })
        }),
      close: () => {},
    },
    { delayMillis: 1_000, batch: 2, spans: Number.POSITIVE_INFINITY, bytes: 2 ** 26, ...options },
    (standing) => told.push(standing),
  )
  const end = (...names: ReadonlyArray<string>) => {
    for (const name of names) delivery.onEnd(endedSpan(`trace of ${name}`, "", name))
  }
  /** The answer to the request that was sent first of those that wait for one. */
  const answer = async (what: Answer) => {
    open.shift()?.answer(what)
    await turn()
  }
  const lost = () =>
    Object.entries(delivery.standing.lost).flatMap(([cause, { spans }]) =>
      spans === 0 ? [] : [[cause, spans] as const],
    )
  const reason = (cause: LossCause) => delivery.standing.lost[cause].reason
  return { delivery, open, all, told, end, answer, lost, reason }
}

describe("spans that have ended", () => {
  it("leave as soon as they fill a batch, and others after the delay", async () => {
    const { end, all, answer } = delivering()
    end("a", "b", "c")
    expect(all).toEqual([]) // not within the work of the program
    await turn()
    expect(all).toEqual(["a,b"])
    await answer(taken)
    await vi.advanceTimersByTimeAsync(900)
    expect(all).toEqual(["a,b"])
    await vi.advanceTimersByTimeAsync(200)
    expect(all).toEqual(["a,b", "c"])
  })

  it("leave one batch after the other until the collector has taken one, and then up to four at once", async () => {
    const { end, open, answer } = delivering()
    end(..."abcdefghijklmn")
    await vi.advanceTimersByTimeAsync(10)
    expect(open.map(({ names }) => names)).toEqual(["a,b"])
    await answer(taken)
    await vi.advanceTimersByTimeAsync(10)
    expect(open.map(({ names }) => names)).toEqual(["c,d", "e,f", "g,h", "i,j"])
  })

  it("leave at once when that is asked for", async () => {
    const { delivery, end, all } = delivering()
    end("a")
    delivery.flush()
    await turn()
    expect(all).toEqual(["a"])
  })

  it("leave first where something was found", async () => {
    const { delivery, end, all } = delivering()
    end("a", "b", "c")
    delivery.found(traceId("trace of c"))
    await turn()
    expect(all).toEqual(["c,a"])
  })
})

describe("a recipient that is not ready", () => {
  it.each([
    ["becomes so", () => new Promise<void>((resolve) => setTimeout(resolve, 300)), 300],
    ["fails to", () => new Promise<void>((_, reject) => setTimeout(reject, 300)), 300],
    ["never does", () => new Promise<void>(() => {}), 1_000],
  ])("is waited for until it %s, and no longer than a second", async (_, ready, millis) => {
    const { end, all } = delivering({}, ready())
    end("a", "b")
    await vi.advanceTimersByTimeAsync(millis - 50)
    expect(all).toEqual([])
    await vi.advanceTimersByTimeAsync(100)
    expect(all).toEqual(["a,b"])
  })
})

describe("what becomes of spans is counted: those", () => {
  it("that were taken", async () => {
    const { delivery, end, answer, lost } = delivering()
    end("a", "b")
    await turn()
    expect(delivery.left).toBe(2)
    await answer(taken)
    expect([delivery.standing.taken, delivery.left, lost()]).toEqual([2, 0, []])
  })

  it("that the collector rejected of those it was sent", async () => {
    const { delivery, end, answer, lost, reason } = delivering()
    end("a", "b")
    await turn()
    await answer({ kind: "taken", rejected: 1, reason: "too old" })
    expect([delivery.standing.taken, lost()]).toEqual([1, [["rejected", 1]]])
    expect(reason("rejected")).toBe("too old")
  })

  it("that it refused", async () => {
    const { end, answer, lost, all } = delivering()
    end("a", "b", "c", "d")
    await turn()
    await answer({ kind: "refused", status: 400, reason: "400 Bad Request" })
    expect(lost()).toEqual([["refused", 2]])
    expect(all).toEqual(["a,b", "c,d"])
  })

  it("that it did not answer for: they may be there, and are not sent again", async () => {
    const { end, answer, lost, all } = delivering()
    end("a", "b", "c", "d")
    await turn()
    await answer({ kind: "silent", reason: "no answer within 10 s" })
    expect(lost()).toEqual([["unanswered", 2]])
    expect(all).toEqual(["a,b", "c,d"])
  })

  it("for which there was no room", async () => {
    const { end, lost, told } = delivering({ spans: 3 })
    end("a", "b", "c", "d", "e")
    expect(lost()).toEqual([["spans", 2]])
    await vi.advanceTimersByTimeAsync(200)
    expect(told.at(-1)?.lost.spans.spans).toBe(2)
  })
})

describe("of what is not known to have arrived it is counted how much may have:", () => {
  it.each([
    ["what is on its way", [], 2],
    ["what nobody answered for", [{ kind: "silent", reason: "no answer within 10 s" }], 2],
    ["what had left when the connection broke", [reset], 2],
    ["the same, where there was no connection later", [reset, unreachable], 2],
    ["nothing where there was no connection", [unreachable], 0],
    ["nothing where the collector asked to send it again", [later], 0],
    ["nothing of what was taken, or refused", [taken], 0],
  ] as const)("%s", async (_, answers, sent) => {
    const { delivery, end, answer } = delivering()
    end("a", "b", "c")
    await turn()
    for (const [number, one] of answers.entries()) {
      if (number > 0) await vi.advanceTimersByTimeAsync(2_000) // it is sent again
      await answer(one)
    }
    const { lost } = atTheEnd(delivery.standing, delivery.left)
    expect(lost.late.sent + lost.unanswered.sent).toBe(sent)
  })
})

describe("a collector that takes nothing now", () => {
  it("is sent the same again when it said that it would be ready", async () => {
    const { delivery, end, answer, all, lost } = delivering()
    end("a", "b")
    await turn()
    await answer({ kind: "later", reason: "429 Too Many Requests", afterMillis: 3_000 })
    await vi.advanceTimersByTimeAsync(2_900)
    expect(all).toEqual(["a,b"])
    await vi.advanceTimersByTimeAsync(200)
    expect(all).toEqual(["a,b", "a,b"])
    await answer(taken)
    expect([delivery.standing.taken, lost()]).toEqual([2, []])
  })

  it("is tried again after a while where it cannot be reached, for as long as there is room", async () => {
    const { delivery, end, answer, all, lost } = delivering()
    end("a", "b")
    await turn()
    for (let failures = 0; failures < 20; failures++) {
      await answer(unreachable)
      await vi.advanceTimersByTimeAsync(6_500)
    }
    expect(all).toHaveLength(21)
    expect(delivery.standing.trouble).toBe("connect ECONNREFUSED")
    await answer(taken)
    expect([delivery.standing.taken, delivery.standing.trouble, lost()]).toEqual([2, undefined, []])
  })
})

describe("a clock that is set back by an hour", () => {
  it("keeps nothing from being tried again", async () => {
    const { end, answer, all } = delivering()
    end("a", "b")
    await turn()
    await answer(unreachable)
    vi.setSystemTime(Date.now() - 3_600_000)
    await vi.advanceTimersByTimeAsync(6_500)
    expect(all).toEqual(["a,b", "a,b"])
  })
})

describe("the end of a program", () => {
  const draining = (delivery: Delivery, atMostMillis = 5_000) => {
    const state = { after: Number.NaN }
    const begin = Date.now()
    void delivery.drain(atMostMillis).then(() => {
      state.after = Date.now() - begin
    })
    return state
  }

  it("waits until all have arrived", async () => {
    const { delivery, end, answer, all } = delivering()
    end("a", "b", "c")
    const state = draining(delivery)
    await turn()
    await answer(taken)
    await answer(taken)
    expect(all).toEqual(["a,b", "c"])
    expect(state.after).toBeLessThan(50)
    expect(delivery.left).toBe(0)
  })

  it("waits no longer than it may, however well the collector answers", async () => {
    const { delivery, end, answer } = delivering()
    end(..."abcdefghijklmnopqrstuvwxyz")
    const state = draining(delivery)
    for (let seconds = 0; seconds < 6; seconds++) {
      await answer(taken)
      await vi.advanceTimersByTimeAsync(1_000)
    }
    expect(Math.round(state.after / 10)).toBe(500)
    expect(delivery.left).toBeGreaterThan(0)
    expect(delivery.standing.trouble).toBeUndefined()
  })

  it("waits a second and a half for a collector that says nothing", async () => {
    const { delivery, end } = delivering()
    end("a")
    const state = draining(delivery)
    await vi.advanceTimersByTimeAsync(1_600)
    expect(Math.round(state.after / 10)).toBe(150)
    expect(delivery.standing.trouble).toContain("1.5 s")
  })

  it("waits for one that asked for time", async () => {
    const { delivery, end, answer } = delivering()
    end("a")
    const state = draining(delivery)
    await turn()
    await answer({ kind: "later", reason: "503", afterMillis: 2_000 })
    await vi.advanceTimersByTimeAsync(2_100)
    await answer(taken)
    expect(state.after).toBeGreaterThan(2_000)
    expect(delivery.left).toBe(0)
  })

  it("waits for nobody where nobody ever was", async () => {
    const { delivery, end, answer } = delivering()
    end("a")
    const state = draining(delivery)
    await turn()
    await answer(unreachable)
    expect(state.after).toBeLessThan(50)
    expect(delivery.left).toBe(1)
  })

  it("tries at once what waits to be tried again", async () => {
    const { delivery, end, answer, all } = delivering()
    end("a", "b")
    await turn()
    await answer(unreachable)
    draining(delivery)
    await turn()
    expect(all).toEqual(["a,b", "a,b"])
    await answer(taken)
    expect(delivery.left).toBe(0)
  })
})
