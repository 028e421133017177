import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { FindingKind } from "../../src/page/snapshot.ts"
import { Newsroom } from "../../src/watch/newsroom.ts"
import { brokenTrace } from "../collector/broken-trace.ts"
import { pageOf, recorded } from "../page/snapshots.ts"
import { emptyModel, second } from "./empty-model.ts"

/** Two programs that are started again and again; only `ticks` serves anything. */
const restarting = () => {
  const { runs, model } = emptyModel()
  const newsroom = new Newsroom(model)
  const start = (number: number) => {
    const now = number * second
    for (const service of ["ticks", "register"]) {
      const resource = { "service.name": service, "service.instance.id": `${service} ${number}` }
      runs.heard(resource, now)
      const look = { at: now, places: [], total: 0, rest: 0, lost: 0, pid: number, isLast: true }
      if (service === "ticks") {
        model.judge(
          brokenTrace(number).map((span) => ({ ...span, resource })),
          true,
          now,
        )
      }
      runs.held(resource, look, now)
    }
    newsroom.runs(now)
    newsroom.judged(model.findings(), now)
    return newsroom.take().map((one) => {
      if (one.news === "run") return `run ${one.run.number} of ${one.run.service}`
      return one.news
    })
  }
  return { start, newsroom }
}

describe("what is news", () => {
  it("is each thing once: the first exchange, a finding, a run of a service that has served", () => {
    const { start, newsroom } = restarting()
    deepStrictEqual(start(1), ["exchange", "finding"])
    deepStrictEqual(start(2), ["run 2 of ticks", "still there"])
    newsroom.runs(9 * second)
    deepStrictEqual(newsroom.take(), [])
  })

  it("is what became of a problem, in the words of its state", () => {
    const findings = pageOf(recorded("scope-closed-early")).snapshot.findings.slice(0, 1)
    const newsroom = new Newsroom(emptyModel().model)
    const told = (state: FindingKind["state"]) => {
      newsroom.judged(
        findings.map((finding) => ({ ...finding, state })),
        0,
      )
      return newsroom.take().map(({ news }) => news)
    }
    const states = ["found", "gone", "back", "not judged yet", "still there"] as const
    deepStrictEqual(states.map(told), [["finding"], ["gone"], ["back"], [], ["still there"]])
  })

  it("is a place that grew, once until it has stopped growing", () => {
    const { newsroom } = restarting()
    const told = (grew: boolean) => {
      const place = { kind: "scope", count: 1, oldestAt: 0, inLastMinute: 1, grew }
      newsroom.held([place], 0)
      return newsroom.take().length
    }
    deepStrictEqual([true, true, false, true].map(told), [1, 0, 0, 1])
  })
})
