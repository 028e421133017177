import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { probe, rulesOf } from "../released/probing.ts"
import { isInstalled } from "../released/release.ts"
import { clientsOf, tracedOpencode } from "./opencode.ts"
import { afterTheBug, withServerSpans, withTheBug } from "./releases.ts"
import { newSession, sessionEvents } from "./session.ts"

const withoutLayer = [expect.stringContaining("recorded without Scopeline's Layer")]

describe.skipIf(!isInstalled(withTheBug))("the spans of OpenCode 1.14.48", () => {
  it.live("name the context that the body lost as the one cause of the end", () =>
    Effect.gen(function* () {
      const { url, collect } = yield* tracedOpencode(withTheBug)
      const probed = yield* probe(url, ...newSession, "--collect", collect)
      expect(rulesOf(probed)).toEqual(["context-lost certain 1"])
      expect(probed).toMatchObject({ code: 1, notes: withoutLayer })
      expect(probed.connections).toMatchObject([{ status: 200, endedBy: "server" }])
      expect(probed.findings[0]).toMatchObject({
        operation: "EventHttpApi.subscribe",
        message: expect.stringContaining("failed at"),
        evidence: {
          "exception.message": "No context found for instance",
          "http.response.status_code": 200,
        },
      })
    }),
  )

  it.live("make one finding of ten clients that lost their stream", () =>
    Effect.gen(function* () {
      const { url, collect } = yield* tracedOpencode(withTheBug)
      const probed = yield* probe(url, "--connections", "10", "--collect", collect)
      expect(rulesOf(probed)).toEqual(["context-lost certain 10"])
      expect(probed).toMatchObject({ code: 1, notes: withoutLayer })
    }),
  )
})

describe.skipIf(!isInstalled(afterTheBug))("the spans of OpenCode 1.15.3", () => {
  it.live("do not tell of the exchange, and the probe says so instead of calling it healthy", () =>
    Effect.gen(function* () {
      const { url, collect } = yield* tracedOpencode(afterTheBug)
      const probed = yield* probe(url, ...newSession, "--collect", collect)
      expect(probed).toMatchObject({ code: 0, findings: [] })
      expect(probed.connections[0]?.events).toMatchObject(sessionEvents)
      expect(probed.notes).toEqual([
        "This server sends no server spans, or none arrived within 10.00 s: what it did after the " +
          "client left was not judged.",
      ])
    }),
  )
})

describe.skipIf(!isInstalled(withServerSpans))("the spans of OpenCode 1.18.34", () => {
  it.live("tell of other requests, and the probe says what their lack may mean for its own", () =>
    Effect.gen(function* () {
      const { url, collect, output } = yield* tracedOpencode(withServerSpans)
      const probed = yield* probe(url, ...newSession, "--collect", collect)
      expect(probed).toMatchObject({ code: 0, findings: [] })
      expect(probed.notes).toEqual([
        expect.stringContaining("Server spans of other requests came, but none of these"),
      ])
      expect(clientsOf(output())).toEqual({ connected: 1, disconnected: 0 })
    }),
  )
})
