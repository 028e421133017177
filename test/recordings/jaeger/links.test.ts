import { describe, expect, it } from "vitest"
import { compareLink, searchLink, traceLink } from "../../../src/recordings/jaeger/links.ts"

const broken = "83a9efd15c1c98a977e0711cc93ee28b"
const fixed = "00000000000000000000000000000001"

describe("links to Jaeger's UI", () => {
  it("name a trace, whether or not the address ends with a slash", () => {
    expect(traceLink("http://localhost:16686", broken)).toBe(
      `http://localhost:16686/trace/${broken}`,
    )
    expect(traceLink("http://localhost:16686/", broken)).toBe(
      `http://localhost:16686/trace/${broken}`,
    )
  })

  it("keep the path under which a proxy serves Jaeger", () => {
    expect(traceLink("https://example.test/jaeger/", fixed)).toBe(
      `https://example.test/jaeger/trace/${fixed}`,
    )
  })

  it("compare two traces, the broken one first", () => {
    expect(compareLink("http://localhost:16686", broken, fixed)).toBe(
      `http://localhost:16686/trace/${broken}...${fixed}?cohort=${broken}&cohort=${fixed}`,
    )
  })

  it("search for a finding by its tag, with the time range that Jaeger's UI needs", () => {
    const link = new URL(
      searchLink("http://localhost:16686", "scopeline-sse", "scope-closed-early"),
    )
    expect(link.pathname).toBe("/search")
    expect(Object.fromEntries(link.searchParams)).toEqual({
      service: "scopeline-sse",
      lookback: "1h",
      tags: '{"lifetime.finding":"scope-closed-early"}',
    })
    expect(link.href).not.toMatch(/[{}" ]/)
  })
})
