import { describe, expect, it } from "vitest"
import { Fifo } from "../../otel/export/fifo.ts"

describe("what is first in", () => {
  it("is first out, also where more comes in between", () => {
    const fifo = new Fifo<number>()
    const taken: Array<number | undefined> = []
    for (let n = 0; n < 5_000; n++) {
      fifo.add(2 * n)
      fifo.add(2 * n + 1)
      expect(fifo.first()).toBe(n)
      taken.push(fifo.take())
    }
    expect(fifo.size).toBe(5_000)
    while (fifo.size > 0) taken.push(fifo.take())
    expect(taken).toEqual(Array.from({ length: 10_000 }, (_, n) => n))
    expect([fifo.first(), fifo.take(), fifo.size]).toEqual([undefined, undefined, 0])
  })
})
