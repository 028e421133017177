import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { KeepFindings } from "../../otel/export/outlet.ts"

/** What came out, and an outlet in which things end by name. */
const keeping = (share: number, atMost?: number) => {
  const written: Array<string> = []
  const outlet = new KeepFindings(share, atMost)
  const end = (traceId: string, ...names: ReadonlyArray<string>) => {
    for (const name of names) outlet.add(traceId, () => written.push(`${traceId}: ${name}`))
  }
  return { written, outlet, end }
}

const trace = "11111111111111111111111111111111"
const other = "22222222222222222222222222222222"

describe("an outlet that keeps findings", () => {
  it("lets an exchange go about which nothing was found", () => {
    const { written, outlet, end } = keeping(0)
    outlet.begun(trace)
    end(trace, "scope", "server")
    outlet.done(trace, false)
    deepStrictEqual([written, outlet.lost()], [[], 0])
  })

  it("exports one with a finding whole, in the order in which it ended", () => {
    const { written, outlet, end } = keeping(0)
    outlet.begun(trace)
    end(trace, "scope", "server")
    deepStrictEqual(written, [])
    outlet.done(trace, true)
    end(trace, "later")
    deepStrictEqual(written, [`${trace}: scope`, `${trace}: server`, `${trace}: later`])
  })

  it("exports it at once where something is found while it is open", () => {
    const { written, outlet, end } = keeping(0)
    outlet.begun(trace)
    end(trace, "scope")
    outlet.keep(trace)
    end(trace, "server")
    deepStrictEqual(written, [`${trace}: scope`, `${trace}: server`])
  })

  it("exports what ends after something was found about it late", () => {
    const { written, outlet, end } = keeping(0)
    outlet.begun(trace)
    outlet.done(trace, false)
    end(trace, "before")
    outlet.keep(trace)
    end(trace, "after")
    deepStrictEqual(written, [`${trace}: after`])
  })

  it("waits for every exchange of a trace", () => {
    const { written, outlet, end } = keeping(0)
    outlet.begun(trace)
    outlet.begun(trace)
    end(trace, "first server")
    outlet.done(trace, false)
    end(trace, "second server")
    outlet.done(trace, true)
    deepStrictEqual(written, [`${trace}: first server`, `${trace}: second server`])
  })

  it("takes the share of the others that a ratio takes, and what belongs to no exchange", () => {
    for (const [share, count] of [
      [0, 0],
      [1, 2],
    ] as const) {
      const { written, outlet, end } = keeping(share)
      outlet.begun(trace)
      end(trace, "server")
      outlet.done(trace, false)
      end(other, "work of the program")
      deepStrictEqual(written.length, count)
    }
  })

  it("lets the exchange go that began first where too much waits, and counts the loss", () => {
    const { written, outlet, end } = keeping(0, 3)
    outlet.begun(trace)
    outlet.begun(other)
    end(trace, "scope", "server")
    end(other, "scope", "server")
    deepStrictEqual(outlet.lost(), 2)
    outlet.done(other, true)
    outlet.done(trace, true)
    deepStrictEqual(written, [`${other}: scope`, `${other}: server`])
  })

  it("lets nothing go of an exchange with a finding, however much waits", () => {
    const { written, outlet, end } = keeping(0, 3)
    outlet.begun(trace)
    outlet.keep(trace)
    end(trace, "scope", "stream", "server")
    outlet.begun(other)
    end(other, "scope", "server")
    deepStrictEqual([written.length, outlet.lost()], [3, 0])
  })
})
