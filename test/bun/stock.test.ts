import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { isInstalled, programOf } from "../released/release.ts"
import { describeStock } from "../stock/expecting.ts"
import { judged, type Way } from "../stock/ways.ts"
import { aware, unaware } from "./releases.ts"

const register = fileURLToPath(new URL("../../otel/register.js", import.meta.url))

const onBun = {
  runtime: "bun",
  command: programOf(aware),
  // Leaves nothing in the home of whoever runs the tests.
  variables: { BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
} as const

const underLayer: Omit<Way, "title" | "place"> = { ...onBun, seenBy: "layer", words: [] }

const withoutChange: Omit<Way, "title" | "place"> = {
  ...onBun,
  seenBy: "register",
  words: ["--preload", register],
}

describe.skipIf(!isInstalled(aware))(`on Bun ${aware.version}`, () => {
  describeStock({ ...underLayer, title: "under the Layer", place: "node" })
  describeStock({ ...underLayer, title: "under the Layer, as a web handler", place: "web" })
  describeStock({ ...withoutChange, title: "under register", place: "node" })
  describeStock({ ...withoutChange, title: "under register, as a web handler", place: "web" })
})

describe.skipIf(!isInstalled(unaware))(
  "on Bun 1.3.14, which does not tell that a client has left",
  () => {
    it.live.each([underLayer, withoutChange])("disconnect-unseen is what $seenBy sees", (way) =>
      Effect.gen(function* () {
        const onUnaware: Way = { ...way, title: "", place: "node", command: programOf(unaware) }
        const [one] = yield* judged(onUnaware, [{ name: "opencode-36311", variant: "fixed" }])
        expect(one?.findings.map(({ rule }) => rule)).toEqual(["disconnect-unseen"])
      }),
    )
  },
)
