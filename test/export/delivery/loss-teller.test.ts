import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { LossTeller } from "../../../otel/export/delivery/loss-teller.ts"
import {
  atTheEnd,
  type LossCause,
  nothingSent,
  type Standing,
  withLoss,
} from "../../../otel/export/delivery/losses.ts"

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const terms = {
  shown: "http://c:4318/v1/traces",
  queueBytes: 64 * 2 ** 20,
  queueSpans: 2_048,
  drainMillis: 5_000,
}

const telling = () => {
  const lines: Array<string> = []
  return { lines, teller: new LossTeller(terms, (line) => lines.push(line)) }
}

const inTrouble = (standing: Standing = nothingSent): Standing => ({
  ...standing,
  trouble: "connect ECONNREFUSED",
})

describe("losses", () => {
  it("are told when they begin, and once a minute while they go on", () => {
    const { lines, teller } = telling()
    let standing = nothingSent
    for (let second = 0; second < 130; second++) {
      standing = withLoss(standing, "bytes", 10)
      teller.update(standing)
      vi.advanceTimersByTime(1_000)
    }
    expect(lines.map((line) => line.split(" ")[0])).toEqual(["10", "610", "1210"])
  })

  it("are not told again where no more come", () => {
    const { lines, teller } = telling()
    const standing = withLoss(nothingSent, "refused", 1, "400 Bad Request")
    teller.update(standing)
    vi.advanceTimersByTime(120_000)
    teller.update(standing)
    expect(lines).toHaveLength(1)
  })

  it("for want of an answer begin with the collector that takes none", () => {
    const { lines, teller } = telling()
    teller.update(inTrouble())
    teller.update(withLoss(inTrouble(), "unanswered", 5))
    expect(lines).toEqual([
      "The collector at http://c:4318/v1/traces takes no spans (connect ECONNREFUSED); the program goes on.",
    ])
  })

  it("are told of a console that throws, which does not end the program", () => {
    const teller = new LossTeller(terms, () => {
      throw new Error("closed")
    })
    const { error } = console
    console.error = () => {}
    expect(() => teller.update(withLoss(nothingSent, "bytes", 1))).not.toThrow()
    console.error = error
  })
})

describe("a collector that asks to wait until the end", () => {
  const asking: Standing = { ...nothingSent, trouble: "503 Service Unavailable" }

  it.each([
    ["has answered", atTheEnd(asking, 3)],
    ["is there, where a queue is full because of it", withLoss(asking, "bytes", 3)],
  ])("%s, and is not looked for", (_, standing) => {
    const { lines, teller } = telling()
    teller.end(standing)
    expect(lines.join("\n")).toContain("503 Service Unavailable")
    expect(lines.join("\n")).toContain("Its log may say more.")
    expect(lines.join("\n")).not.toMatch(/did not answer|Is it there/)
  })
})

const causes: ReadonlyArray<readonly [LossCause, Standing, RegExp, RegExp]> = [
  ["bytes", nothingSent, /^3 spans were lost: more than 64 MiB of spans/, /SCOPELINE_QUEUE_BYTES/],
  ["spans", nothingSent, /: more than 2048 spans waited/, /Raise OTEL_BSP_MAX_QUEUE_SIZE/],
  ["bytes", inTrouble(), /http:\/\/c:4318\S* takes none \(connect ECONN/, /_ENDPOINT/],
  ["rejected", nothingSent, /http:\/\/c:4318\S* rejected them, and took the others \(why\)/, /log/],
  [
    "unanswered",
    nothingSent,
    /http:\/\/c:4318\S* did not answer \(why\)/,
    /OTEL_EXPORTER_OTLP_TIMEOUT/,
  ],
  [
    "late",
    nothingSent,
    /waited 5 s for the last spans/,
    /OTEL_BSP_EXPORT_TIMEOUT \(drainTimeout\)/,
  ],
]

describe("what is told of a loss at the end", () => {
  it.each(causes)("names its cause and the setting that helps: %s", (cause, before, why, helps) => {
    const { lines, teller } = telling()
    teller.end(withLoss(before, cause, 3, "why"))
    expect(lines).toEqual([expect.stringMatching(why)])
    expect(lines.join()).toMatch(helps)
  })

  it.each([
    ["413 Payload Too Large", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"],
    ["401 Unauthorized", "OTEL_EXPORTER_OTLP_HEADERS"],
    ["404 Not Found", "OTEL_EXPORTER_OTLP_ENDPOINT"],
    ["415 Unsupported Media Type", "OTEL_EXPORTER_OTLP_PROTOCOL"],
  ])("names what helps against a refusal with %s", (reason, helps) => {
    const { lines, teller } = telling()
    teller.end(withLoss(nothingSent, "refused", 3, reason))
    expect(lines.join()).toContain(`refused them (${reason})`)
    expect(lines.join()).toContain(helps)
  })

  it("does not blame a collector that is not to blame", () => {
    const { lines, teller } = telling()
    const full = withLoss(withLoss(nothingSent, "bytes", 1), "spans", 1)
    teller.end(atTheEnd(full, 1))
    expect(lines).toHaveLength(3)
    expect(lines.join()).not.toContain("collector")
  })

  it("says how many of them may have arrived all the same", () => {
    const { lines, teller } = telling()
    teller.end(atTheEnd({ ...nothingSent, sent: 512 }, 600))
    teller.end(atTheEnd({ ...nothingSent, sent: 512 }, 512))
    expect(lines).toEqual([
      expect.stringMatching(/^600 spans .* taken; 512 of them may have arrived\. R/),
      expect.stringMatching(/^512 spans .* taken; all may have arrived\. R/),
    ])
  })

  it("is one line a cause, with what was left at the end", () => {
    const { lines, teller } = telling()
    teller.end(atTheEnd(withLoss(inTrouble(), "unanswered", 2), 3))
    expect(lines).toEqual([expect.stringMatching(/^5 spans were lost: .* did not answer/)])
  })
})
