import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Exchange, OrphanFiber, Program } from "../../../otel/lifetimes/model.ts"
import { NotYet } from "../../../otel/lifetimes/rule.ts"
import { orphanFiber } from "../../../otel/lifetimes/rules/orphan-fiber.ts"
import {
  afterwards,
  again,
  at,
  confidences,
  exchange,
  fiber,
  held,
  live,
  stream,
} from "../exchange.ts"

/** The exchange ends at 10 ms. */
const leaving = (...orphans: ReadonlyArray<OrphanFiber>): Exchange => exchange([0, 10], { orphans })

const stopped = (orphans: ReadonlyArray<OrphanFiber>, endedAt: number | undefined): Program => ({
  service: "test",
  endedAt: endedAt === undefined ? undefined : at(endedAt),
  orphans,
  cutOff: undefined,
})

const ofProgram = (program: Program) => {
  const verdict = orphanFiber.judgeProgram?.(program, afterwards) ?? []
  if (verdict instanceof NotYet) throw new Error("it says: not yet")
  return verdict
}

describe("orphan-fiber", () => {
  it("is likely where a fiber still runs after the grace period", () => {
    deepStrictEqual(confidences(orphanFiber, leaving(fiber([5]))), ["likely"])
  })

  it("holds where the fiber ended, but only long afterwards", () => {
    deepStrictEqual(confidences(orphanFiber, leaving(fiber([5, 1_011]))), ["likely"])
  })

  it("says in one sentence for what it was started, and until when it ran", () => {
    strictEqual(
      held(orphanFiber, leaving(fiber([5, 2_000])))[0]?.message,
      'Fiber "report" was started for GET /event, which ended at 10.0 ms, and ran on until ' +
        "2.00 s: no fiber, scope or FiberSet owned it.",
    )
    strictEqual(
      held(orphanFiber, leaving(fiber([5])))[0]?.message,
      'Fiber "report" was started for GET /event, which ended at 10.0 ms, and was still running ' +
        "when it was judged, at 10.00 s: no fiber, scope or FiberSet owns it.",
    )
  })

  it("has its name, its id and times as evidence", () => {
    deepStrictEqual(held(orphanFiber, leaving(fiber([5, 2_000])))[0]?.evidence, {
      fiber: "report",
      "fiber.id": 9,
      "fiber.started_ms": 5,
      "exchange.ended_ms": 10,
      "fiber.ran_until_ms": 2_000,
    })
  })

  it("leads to the place of its fork", () => {
    const code = { function: "order", file: "/app/order.ts", line: 12 }
    const place = { "code.function.name": "order", "code.file.path": "/app/order.ts" }
    const [found] = held(orphanFiber, leaving(fiber([5], { code })))
    const [ofStopped] = ofProgram(stopped([fiber([1_000], { code })], 5_000))
    for (const evidence of [found?.evidence, ofStopped?.evidence]) {
      deepStrictEqual({ ...evidence, ...place, "code.line.number": 12 }, evidence)
    }
  })

  it("is about the fiber", () => {
    const [found] = held(orphanFiber, leaving(fiber([5])))
    deepStrictEqual(
      [found?.operation, found?.spanIds, found?.stream],
      ["fiber report", ["report"], undefined],
    )
  })

  it("speaks of each of them", () => {
    strictEqual(held(orphanFiber, leaving(fiber([5]), fiber([6]))).length, 2)
  })

  it("says nothing where it ended within the grace period", () => {
    deepStrictEqual(confidences(orphanFiber, leaving(fiber([5, 1_010]))), [])
  })

  it("gives a grace period of its own to what was started afterwards", () => {
    deepStrictEqual(confidences(orphanFiber, leaving(fiber([5_000, 6_000]))), [])
    deepStrictEqual(confidences(orphanFiber, leaving(fiber([5_000, 6_001]))), ["likely"])
  })

  it("says nothing where the recording stops within the grace period", () => {
    const moment = { ...afterwards, now: at(1_010) }
    deepStrictEqual(confidences(orphanFiber, leaving(fiber([5])), moment), [])
  })

  it("says nothing of a recording in which the exchange is open", () => {
    const open = { ...leaving(fiber([5])), endedAt: undefined }
    deepStrictEqual(confidences(orphanFiber, open), [])
  })

  it("waits for the end of the exchange", () => {
    const open = { ...leaving(fiber([5])), endedAt: undefined }
    strictEqual(again(orphanFiber, open, live(50)), "news")
  })

  it("waits until the grace period is over", () => {
    strictEqual(again(orphanFiber, leaving(fiber([5])), live(500)), 1_010)
    strictEqual(again(orphanFiber, leaving(fiber([40])), live(500)), 1_040)
    deepStrictEqual(confidences(orphanFiber, leaving(fiber([5])), live(1_011)), ["likely"])
  })
})

describe("orphan-fiber of a program that stops", () => {
  it("says in one sentence how long the fiber had run", () => {
    deepStrictEqual(
      ofProgram(stopped([fiber([1_000])], 5_000)).map(({ message, evidence }) => [
        message,
        evidence,
      ]),
      [
        [
          'The program stopped, and fiber "report", started 4.00 s before, was still running: ' +
            "no fiber, scope or FiberSet owned it.",
          { fiber: "report", "fiber.id": 9, "fiber.age_ms": 4_000 },
        ],
      ],
    )
  })

  it("says nothing of a fiber so young that it may be about to end", () => {
    deepStrictEqual(ofProgram(stopped([fiber([4_000])], 5_000)), [])
  })

  it("says nothing where it is not known when the program stopped", () => {
    deepStrictEqual(ofProgram(stopped([fiber([0])], undefined)), [])
  })
})

describe("the advice of orphan-fiber", () => {
  const orphaned = (streams: Exchange["streams"]): Exchange =>
    exchange([0, 10], { streams, orphans: [fiber([1])] })

  it("is the scope of the request where that sent a stream", () => {
    const [hit] = held(orphanFiber, orphaned([stream([2, 10])]))
    strictEqual(hit?.suggestion?.includes("Effect.forkScoped(poll)"), true)
    strictEqual(hit?.suggestion?.includes("FiberSet.run"), false)
  })

  it("is that of the rule where it did not", () => {
    const [hit] = held(orphanFiber, orphaned([]))
    strictEqual(hit?.suggestion, undefined)
  })
})

describe("orphan-fiber of one that something owns", () => {
  const feeding = (more: Partial<OrphanFiber> = {}, end?: number): OrphanFiber =>
    fiber([5, end], { fedUnreadAt: at(9_000), left: 2, ...more })

  const leftBy = (endedBy: Exchange["endedBy"], ...orphans: ReadonlyArray<OrphanFiber>) =>
    exchange([0, 10], { endedBy, orphans })

  it("is likely where it still feeds a stream that is over", () => {
    deepStrictEqual(confidences(orphanFiber, leftBy("client", feeding())), ["likely"])
  })

  it("says when it did so last, and how many others do", () => {
    const [hit] = held(orphanFiber, leftBy("client", feeding()))
    strictEqual(
      hit?.message,
      'Fiber "report" was started for GET /event, which ended at 10.0 ms, and at 9.00 s it still ' +
        "filled a queue that only the stream of that had read. 2 exchanges have each left one.",
    )
    strictEqual(hit?.suggestion?.includes("Effect.forkScoped(poll)"), true)
  })

  it("waits for a client that may come back", () => {
    strictEqual(again(orphanFiber, leftBy("client", feeding()), live(9_000)), 60_010)
    deepStrictEqual(confidences(orphanFiber, leftBy("server", feeding()), live(9_000)), ["likely"])
  })

  it("holds where only the end of the program ended it", () => {
    const stopped = feeding({ stopped: true }, 5_000)
    deepStrictEqual(confidences(orphanFiber, leftBy("client", stopped)), ["likely"])
    deepStrictEqual(confidences(orphanFiber, leftBy("client", feeding({}, 5_000))), [])
  })

  it("waits for another, and is silent of one alone", () => {
    const alone = leftBy("client", feeding({ left: 1 }))
    strictEqual(again(orphanFiber, alone, live(9_000)), "news")
    deepStrictEqual(confidences(orphanFiber, alone), [])
  })
})
