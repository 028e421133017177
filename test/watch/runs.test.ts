import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { Runs } from "../../src/watch/runs.ts"

const second = 1_000_000

const resource = (instance: string, service = "ticks") => ({
  "service.name": service,
  "service.instance.id": instance,
  "host.id": "here",
})

const look = (pid: number, isLast = false) => ({
  at: 0,
  places: [],
  total: 0,
  rest: 0,
  lost: 0,
  pid,
  isLast,
})

/** Processes that run, and the runs that are known of them. */
const running = (...pids: ReadonlyArray<number>) => {
  const alive = new Set(pids)
  const runs = new Runs({ isRunning: (pid) => alive.has(pid), host: "here" })
  return { alive, runs }
}

const goneAt = (runs: Runs, now: number) =>
  runs.takeGone(now).map(({ service, run }) => [service, run])

describe("runs of a program", () => {
  it("begin when a new instance appears whose forerunner's process has ended", () => {
    const { alive, runs } = running(1)
    runs.held(resource("a"), look(1), 0)
    alive.delete(1)
    alive.add(2)
    strictEqual(runs.heard(resource("b"), second).run, 2)
    deepStrictEqual(
      runs.all.map(({ number, pid, endedAt }) => [number, pid, endedAt]),
      [
        [1, 1, 0],
        [2, undefined, undefined],
      ],
    )
  })

  it("are one where instances run beside each other", () => {
    const { runs } = running(1, 2)
    runs.held(resource("a"), look(1), 0)
    runs.held(resource("b"), look(2), second)
    deepStrictEqual(
      runs.all.map(({ number }) => number),
      [1],
    )
  })

  it("belong to one service each", () => {
    const { runs } = running(1)
    runs.held(resource("a"), look(1, true), 0)
    strictEqual(runs.heard(resource("b", "other"), second).run, 1)
    strictEqual(runs.heard(resource("c"), second).run, 2)
  })

  it("end when the program says so, and what was on its way still belongs to them", () => {
    const { runs } = running(1)
    runs.held(resource("a"), look(1), 0)
    runs.held(resource("a"), look(1, true), 2 * second)
    deepStrictEqual(goneAt(runs, 2 * second), [["ticks", 1]])
    strictEqual(runs.heard(resource("a"), 3 * second).isGone, true)
    deepStrictEqual(goneAt(runs, 4 * second), [])
  })

  it("end when nothing was told for 25 s where the process cannot be asked, and go on when it speaks", () => {
    const { runs } = running()
    const elsewhere = { ...resource("a"), "host.id": "elsewhere" }
    runs.held(elsewhere, look(1), 0)
    deepStrictEqual(goneAt(runs, 25 * second), [])
    deepStrictEqual(goneAt(runs, 26 * second), [["ticks", 1]])
    strictEqual(runs.all[0]?.endedAt, 0)
    strictEqual(runs.held(elsewhere, look(1), 27 * second).isGone, false)
    strictEqual(runs.all[0]?.endedAt, undefined)
  })

  it("never end by silence alone where nothing is told of what is held", () => {
    const { runs } = running()
    runs.heard(resource("a"), 0)
    deepStrictEqual(goneAt(runs, 3600 * second), [])
    strictEqual(runs.heard(resource("b"), 3601 * second).run, 2)
    deepStrictEqual(goneAt(runs, 3601 * second), [["ticks", 1]])
  })

  it("are forgotten with the oldest services where there are too many of these", () => {
    const { runs } = running()
    for (let number = 0; number <= 1_000; number++) {
      runs.heard({ ...resource("a"), "service.name": `service ${number}` }, number)
    }
    deepStrictEqual(
      ["service 0", "service 1", "service 1000"].map((service) => runs.current(service)),
      [0, 1, 1],
    )
  })
})
