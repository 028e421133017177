import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { probe } from "../released/probing.ts"
import { isInstalled } from "../released/release.ts"
import { eventually } from "../support/eventually.ts"
import { clientsOf, opencode } from "./opencode.ts"
import { afterTheBug, beforeTheBug } from "./releases.ts"
import { newSession } from "./session.ts"

const visitors = ["--connections", "31", "--hold", "500ms"] as const

describe.skipIf(!isInstalled(beforeTheBug))("OpenCode 1.14.41", () => {
  it.live("releases the stream of each of 31 clients that left", () =>
    Effect.gen(function* () {
      const { url, output } = yield* opencode(beforeTheBug)
      const { code } = yield* probe(url, ...visitors)
      expect(code).toBe(0)
      const released = eventually(
        Effect.sync(() => clientsOf(output())),
        ({ disconnected }) => disconnected >= 31,
      )
      expect(yield* released).toEqual({ connected: 31, disconnected: 31 })
    }),
  )
})

describe.skipIf(!isInstalled(afterTheBug))("OpenCode 1.15.3", () => {
  it.live("keeps the streams of all 31 clients that left, also after the next event", () =>
    Effect.gen(function* () {
      const { url, output } = yield* opencode(afterTheBug)
      const { code } = yield* probe(url, ...visitors)
      expect(code).toBe(0)
      yield* probe(url, ...newSession)
      yield* Effect.sleep("3 seconds")
      expect(clientsOf(output())).toEqual({ connected: 32, disconnected: 0 })
    }),
  )
})
