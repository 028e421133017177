import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { formatMillis } from "../../otel/lifetimes/time.ts"
import { probe, rulesOf } from "../released/probing.ts"
import { isInstalled } from "../released/release.ts"
import { opencode } from "./opencode.ts"
import { afterTheBug, beforeTheBug, withTheBug } from "./releases.ts"
import { newSession, sessionEvents } from "./session.ts"

describe.skipIf(!isInstalled(withTheBug))("OpenCode 1.14.48, seen from outside", () => {
  it.live("ends its stream by itself and delivers nothing, and the probe says after how long", () =>
    Effect.gen(function* () {
      const { url } = yield* opencode(withTheBug)
      const probed = yield* probe(url, ...newSession)
      expect(rulesOf(probed)).toEqual(["server-ended-stream likely 1"])
      expect(probed).toMatchObject({ code: 1, notes: [] })
      const [connection, ...others] = probed.connections
      expect(others).toEqual([])
      expect(connection).toMatchObject({ status: 200, endedBy: "server" })
      expect(connection?.events).toEqual({ "server.connected": 1 })
      const lifetime = connection?.streamMs ?? Number.NaN
      expect(lifetime).toBeLessThan(2000) // when the probe would have left
      expect(probed.findings[0]?.evidence).toMatchObject({ "stream.ms": lifetime })
      expect(probed.findings[0]?.message).toContain(
        `after ${formatMillis(lifetime)} (the client's own time):`,
      )
    }),
  )
})

for (const release of [beforeTheBug, afterTheBug]) {
  describe.skipIf(!isInstalled(release))(`${release.title}, seen from outside`, () => {
    it.live("delivers what a new session publishes, once, and the probe has nothing to say", () =>
      Effect.gen(function* () {
        const { url } = yield* opencode(release)
        const probed = yield* probe(url, ...newSession)
        expect(probed).toMatchObject({ code: 0, findings: [], notes: [] })
        expect(probed.connections).toMatchObject([{ status: 200, endedBy: "client" }])
        expect(probed.connections[0]?.events).toMatchObject({
          "server.connected": 1,
          ...sessionEvents,
        })
      }),
    )
  })
}

const both = isInstalled(beforeTheBug) && isInstalled(withTheBug)

describe.skipIf(!both)("OpenCode 1.14.48 and its baseline 1.14.41", () => {
  it.live("differ in the events of a new session, and in nothing else", () =>
    Effect.gen(function* () {
      const [bad, good] = yield* Effect.all([opencode(withTheBug), opencode(beforeTheBug)], {
        concurrency: "unbounded",
      })
      const worse = yield* probe(bad.url, "--baseline", good.url, ...newSession)
      expect(worse).toMatchObject({ code: 1, difference: { missing: sessionEvents, extra: {} } })
      expect(worse.difference?.missing).toEqual(sessionEvents)
      const better = yield* probe(good.url, "--baseline", bad.url, ...newSession)
      expect(better).toMatchObject({ code: 1, findings: [] })
      expect(better.difference).toEqual({ missing: {}, extra: sessionEvents })
      expect(better.notes).toEqual(["Baseline: Its server ended 1 of 1 connections."])
    }),
  )
})
