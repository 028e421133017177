import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { asked } from "../support/asked.ts"
import { publish } from "../support/event-server.ts"
import { eventually } from "../support/eventually.ts"
import { jaegerStandIn } from "../support/jaeger-stand-in.ts"
import { listenTo, livePage } from "./page.ts"

const sentence = /Scope .{1,10}handler.{1,10} closed at [\d.]+ ms and released subscription/

describe("the live page", () => {
  it.live("may call both servers from its own origin, and no other page may", () =>
    Effect.gen(function* () {
      const page = yield* livePage()
      const allowed = Effect.fnUntraced(function* (server: string, origin: string) {
        const response = yield* Effect.promise(() =>
          fetch(`${server}/health`, { headers: { origin } }),
        )
        return response.headers.get("access-control-allow-origin")
      })
      for (const server of [page.broken, page.fixed]) {
        expect(yield* allowed(server, page.address)).toBe(page.address)
        expect(yield* allowed(server, "http://evil.example")).not.toBe("http://evil.example")
      }
    }),
  )

  it.live("is refused where it is asked for under another name, or by another page", () =>
    Effect.gen(function* () {
      const page = yield* livePage()
      for (const path of ["/", "/updates", "/data", "/report"]) {
        const foreign = yield* page.get(path, { headers: { origin: "http://evil.example" } })
        expect(foreign.response.status, path).toBe(403)
      }
      const { port } = new URL(page.address)
      const named = (host: string) => asked(`${page.address}/data`, { headers: { host } })
      expect((yield* named(`rebound.example:${port}`)).status).toBe(403)
      expect((yield* named(`localhost:${port}`)).status).toBe(200)
    }),
  )

  it.live("runs its own script alone, and reaches nothing but itself and the two servers", () =>
    Effect.gen(function* () {
      const page = yield* livePage()
      const { response } = yield* page.get("/")
      const policy = response.headers.get("content-security-policy")
      const parts = policy?.split("; ") ?? []
      expect(parts.map((part) => part.replaceAll(/sha256-[^']+/g, "…"))).toEqual([
        "default-src 'none'",
        "style-src '…'",
        "script-src '…' '…'",
        "img-src data:",
        `connect-src 'self' ${page.broken} ${page.fixed}`,
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ])
      expect(response.headers.get("x-content-type-options")).toBe("nosniff")
    }),
  )

  it.live("is told over its stream how a broken stream ended, with its finding", () =>
    Effect.gen(function* () {
      const page = yield* livePage()
      const updates = yield* listenTo(`${page.address}/updates`)
      yield* updates.until(/server\.connected/)
      const broken = yield* listenTo(`${page.broken}/event`)
      yield* broken.ended
      yield* updates.until(/"findings":.*scope-closed-early/)
      yield* updates.until(sentence)
    }),
  )

  it.live("shows a stream while it is open", () =>
    Effect.gen(function* () {
      const page = yield* livePage()
      const updates = yield* listenTo(`${page.address}/updates`)
      yield* listenTo(`${page.fixed}/event`)
      yield* updates.until(/"put":.*"service":"fixed".*"state":"open"/)
    }),
  )

  it.live("tells what the servers hold while a stream is open", () =>
    Effect.gen(function* () {
      const page = yield* livePage()
      const updates = yield* listenTo(`${page.address}/updates`)
      yield* listenTo(`${page.fixed}/event`)
      yield* updates.until(/"held":\[.*"kind":"subscription","name":"bus"/)
    }),
  )

  it.live("shows to who comes later what the others have been told, and what came before", () =>
    Effect.gen(function* () {
      const page = yield* livePage()
      for (const _ of [1, 2]) {
        const broken = yield* listenTo(`${page.broken}/event`)
        yield* broken.ended
      }
      const { text } = yield* eventually(
        page.get("/data"),
        ({ text }) => sentence.test(text) && text.split('"service":"broken"').length > 3,
      )
      expect(text).toContain('"endedBy":"server"')
    }),
  )

  it.live("is one of two servers that get the same event: the fixed stream brings it", () =>
    Effect.gen(function* () {
      const page = yield* livePage()
      const fixed = yield* listenTo(`${page.fixed}/event`)
      yield* fixed.until(/server\.connected/)
      yield* publish(page.fixed, { type: "message.part.delta", properties: { number: 1 } })
      yield* fixed.until(/"type":"message\.part\.delta","properties":\{"number":1\}/)
    }),
  )

  it.live("saves what it shows as a report of one file", () =>
    Effect.gen(function* () {
      const page = yield* livePage()
      const broken = yield* listenTo(`${page.broken}/event`)
      yield* broken.ended
      yield* eventually(page.get("/data"), ({ text }) => sentence.test(text))
      const { response, text } = yield* page.get("/report")
      expect(response.headers.get("content-disposition")).toBe(
        'attachment; filename="scopeline.html"',
      )
      expect(text).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/)
      expect(text).toContain("scope-closed-early")
      expect(text).toMatch(sentence)
    }),
  )

  it.live("says where Jaeger is once it has the traces, and sends it all that has ended", () =>
    Effect.gen(function* () {
      const jaeger = yield* jaegerStandIn
      const page = yield* livePage({ jaeger: jaeger.address })
      const broken = yield* listenTo(`${page.broken}/event`)
      yield* broken.ended
      const { text } = yield* eventually(
        page.get("/data"),
        ({ text }) => text.includes(`"jaeger":"${jaeger.address}"`) && sentence.test(text),
      )
      const traceId = /"id":"([0-9a-f]{32})\./.exec(text)?.[1]
      const there = yield* Effect.promise(() => fetch(`${jaeger.address}/api/v3/traces/${traceId}`))
      expect(there.status).toBe(200)
    }),
  )
})
