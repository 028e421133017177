import { describe, expect, it } from "vitest"
import { comparedAt, pageAt } from "../../../src/recordings/jaeger/page.ts"

const page = (path: string) => pageAt(new URL(`http://127.0.0.1:16686${path}`))
const address = "http://127.0.0.1:16686"

describe("an address of Jaeger's UI", () => {
  it.each([
    { path: "/", above: "", traceIds: [] },
    { path: "/trace/abc1?uiFind=x", above: "", traceIds: ["abc1"] },
    { path: "/api/v3/traces/abc1", above: "", traceIds: ["abc1"] },
    { path: "/base/trace/abc1/", above: "/base", traceIds: ["abc1"] },
    { path: "/base/trace/abc1...def2?cohort=abc1", above: "/base", traceIds: ["abc1", "def2"] },
  ])("$path names Jaeger and the traces on it", ({ path, above, traceIds }) => {
    expect(page(path)).toEqual({ address: address + above, traceIds, search: undefined })
  })

  it("of a search names all that the form says", () => {
    const { search, ...rest } = page(
      "/base/search?service=shop&operation=GET%20%2Fevent&lookback=2d&limit=20&minDuration=100ms" +
        "&maxDuration=&tags=%7B%22lifetime.finding%22%3A%22subscription-leak%22%7D",
    )
    expect(rest).toEqual({ address: `${address}/base`, traceIds: [] })
    expect(search).toEqual({
      service: "shop",
      lookback: 2 * 86_400e6,
      from: undefined,
      to: undefined,
      filter: {
        operation: "GET /event",
        attributes: { "lifetime.finding": "subscription-leak" },
        durationMin: "100ms",
        durationMax: undefined,
        most: 20,
      },
    })
  })

  it("of a search between two moments names them", () => {
    const { search } = page(
      "/search?service=shop&lookback=custom&start=1700000000000000&end=1700000001000000",
    )
    expect(search).toMatchObject({
      lookback: undefined,
      from: 1_700_000_000_000_000,
      to: 1_700_000_001_000_000,
    })
  })

  it.each([
    { query: "operation=all&tags=%7Bno%20json&limit=-1", filter: {} },
    {
      query: "tag=error%3Atrue&tag=url%3Ahttp%3A%2F%2Fa",
      filter: { error: "true", url: "http://a" },
    },
  ])("of a search takes what it can from $query", ({ query, filter }) => {
    const { search } = page(`/search?${query}`)
    expect(search?.filter).toEqual({
      operation: undefined,
      attributes: filter,
      durationMin: undefined,
      durationMax: undefined,
      most: undefined,
    })
  })

  it("of a comparison gives the addresses of both traces, and of another page nothing", () => {
    expect(comparedAt(`${address}/base/trace/abc1...def2?cohort=abc1`)).toEqual([
      `${address}/base/trace/abc1`,
      `${address}/base/trace/def2`,
    ])
    expect(comparedAt(`${address}/trace/abc1`)).toBeUndefined()
    expect(comparedAt("recording.jsonl")).toBeUndefined()
  })
})
