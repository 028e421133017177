import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { probe, rulesOf } from "../released/probing.ts"
import { isInstalled, programOf, type Release } from "../released/release.ts"
import { portOf } from "../support/event-server.ts"
import { runningProgram } from "../support/process.ts"
import { refusingAddress } from "../support/silent-server.ts"
import { aware, unaware } from "./releases.ts"

/** The fixed server of this project on Bun, under five clients that leave after a second. */
const probeFixedOn = Effect.fnUntraced(function* (release: Release) {
  const collector = yield* refusingAddress
  const server = yield* runningProgram(
    programOf(release),
    ["src/main.ts", "serve", "--mark-open", "--port", "0"],
    {
      FIXED_SSE: "1",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      // Leaves nothing in the home of whoever runs the tests.
      BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
    },
  )
  const address = yield* server.written(/Listening on (http:\S+:\d+), fixed stream/)
  // A stream that stays open is told of ten seconds after it began: the usual wait is hardly longer.
  const collect = ["--collect", String(portOf(collector)), "--wait", "30s"]
  return yield* probe(`${address}/event`, "--connections", "5", "--hold", "1s", ...collect)
})

describe.skipIf(!isInstalled(unaware))("the fixed server on Bun 1.3.14", () => {
  it.live("is not told that its five clients left, and the probe says so", () =>
    Effect.gen(function* () {
      const probed = yield* probeFixedOn(unaware)
      expect(rulesOf(probed)).toEqual(["disconnect-unseen certain 5"])
      expect(probed).toMatchObject({ code: 1, findings: [{ severity: "error" }] })
      expect(probed.connections.map(({ endedBy }) => endedBy)).toEqual(Array(5).fill("client"))
    }),
  )
})

describe.skipIf(!isInstalled(aware))(`the fixed server on Bun ${aware.version}`, () => {
  it.live("ends with each of its five clients, and the probe has nothing to say", () =>
    Effect.gen(function* () {
      const probed = yield* probeFixedOn(aware)
      expect(probed).toMatchObject({ code: 0, findings: [], notes: [] })
      expect(probed.connections.map(({ endedBy }) => endedBy)).toEqual(Array(5).fill("client"))
    }),
  )
})
