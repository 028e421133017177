import { describe, expect, it } from "@effect/vitest"
import { type AccessRules, whyRefused } from "../../src/access/access-rules.ts"

const here: AccessRules = { host: "127.0.0.1" }
const everywhere: AccessRules = { host: "0.0.0.0" }
const named: AccessRules = { host: "server.example", allowHosts: ["SSE-broken", "fe80::1"] }

const isAllowed = (rules: AccessRules, host: string | undefined, origin?: string) =>
  whyRefused({ host, origin }, rules) === undefined

describe("the host that a request asks for", () => {
  it.each(["localhost", "LOCALHOST:4096", "127.0.0.1:4096", "127.9.9.9", "[::1]:80"])(
    "may be this machine: %s",
    (host) => {
      expect(isAllowed(here, host)).toBe(true)
    },
  )

  it.each([
    "rebound.example:4096",
    "localhost.example",
    "127.0.0.1.example",
    "10.0.0.1",
    "[fe80::1]",
    "",
    "localhost@evil.example",
    "evil.example/localhost",
    "localhost:port",
    undefined,
  ])("is refused where it is any other: %s", (host) => {
    expect(isAllowed(here, host)).toBe(false)
  })

  it.each(["server.example:4096", "sse-broken:4096", "SSE-BROKEN", "[fe80::1]:4096", "localhost"])(
    "may be what --host and --allow-host name: %s",
    (host) => {
      expect(isAllowed(named, host)).toBe(true)
    },
  )

  it("may be any address, and no name, where the server listens on every address", () => {
    for (const host of ["10.0.0.1:4096", "[fe80::1]:4096", "192.168.1.7"]) {
      expect(isAllowed(everywhere, host)).toBe(true)
      expect(isAllowed({ host: "::" }, host)).toBe(true)
      expect(isAllowed(here, host)).toBe(false)
    }
    expect(isAllowed(everywhere, "rebound.example")).toBe(false)
  })
})

describe("the origin of the page that asks", () => {
  it("may be the server's own", () => {
    expect(isAllowed(here, "localhost:4096", "http://localhost:4096")).toBe(true)
  })

  it.each(["http://localhost:3000", "https://evil.example", "null", "", "localhost:4096"])(
    "is refused where it is another: %s",
    (origin) => {
      expect(isAllowed(here, "localhost:4096", origin)).toBe(false)
    },
  )

  it("may be one that --cors names, or any", () => {
    const origins = ["http://page.example"]
    expect(isAllowed({ ...here, origins }, "localhost", "http://page.example")).toBe(true)
    expect(isAllowed({ ...here, origins }, "localhost", "http://other.example")).toBe(false)
    expect(isAllowed({ ...here, origins: ["*"] }, "localhost", "http://other.example")).toBe(true)
  })

  it("does not make up for a host that is refused", () => {
    expect(isAllowed({ ...here, origins: ["*"] }, "rebound.example", "http://x.example")).toBe(
      false,
    )
  })
})
