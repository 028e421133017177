import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { eventServer } from "../support/event-server.ts"

const page = "http://page.example"
const other = "http://other.example"

const ask = (
  cors: string | undefined,
  origin: string,
  path = "/health",
  init: RequestInit & { readonly headers?: Record<string, string> } = {},
) =>
  Effect.gen(function* () {
    const address = yield* eventServer(cors === undefined ? {} : { cors })
    return yield* Effect.promise(async (signal) => {
      const headers = { ...init.headers, origin }
      const response = await fetch(address + path, { ...init, headers, signal })
      await response.body?.cancel()
      return response
    })
  })

const allowed = (response: Response) => response.headers.get("access-control-allow-origin")

const preflight = {
  method: "OPTIONS",
  headers: {
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type",
  },
}

describe("--cors", () => {
  it.live("is off by default: no page is allowed to read an answer", () =>
    Effect.gen(function* () {
      const response = yield* ask(undefined, page)
      const names = [...response.headers.keys()]
      expect(names.filter((name) => name.startsWith("access-control"))).toEqual([])
    }),
  )

  it.live("is off by default: a preflight is refused", () =>
    Effect.gen(function* () {
      const response = yield* ask(undefined, page, "/event", preflight)
      expect(response.status).toBe(403)
      expect(allowed(response)).toBeNull()
    }),
  )

  it.live.each(["/health", "/event", "/nowhere"])("* lets any page read %s", (path) =>
    Effect.gen(function* () {
      expect(allowed(yield* ask("*", page, path))).toBe("*")
    }),
  )

  it.live("* lets any page publish", () =>
    Effect.gen(function* () {
      const response = yield* ask("*", page, "/event", preflight)
      expect(response.status).toBe(204)
      expect(allowed(response)).toBe("*")
      expect(response.headers.get("access-control-allow-methods")).toContain("POST")
      expect(response.headers.get("access-control-allow-headers")).toBe("content-type")
    }),
  )

  it.live("with one origin lets that one read", () =>
    Effect.gen(function* () {
      const response = yield* ask(page, page, "/event")
      expect(allowed(response)).toBe(page)
      expect(response.headers.get("vary")).toContain("Origin")
    }),
  )

  it.live("with one origin lets no other read", () =>
    Effect.gen(function* () {
      expect([page, null]).toContain(allowed(yield* ask(page, other)))
    }),
  )

  it.live("with two origins lets each of them read, and no other", () =>
    Effect.gen(function* () {
      const both = `${page}, ${other}`
      expect(allowed(yield* ask(both, page))).toBe(page)
      expect(allowed(yield* ask(both, other))).toBe(other)
      expect(allowed(yield* ask(both, "http://third.example"))).toBeNull()
    }),
  )
})
