import { fileURLToPath } from "node:url"
import { describe } from "@effect/vitest"
import { isInstalled, programOf } from "../released/release.ts"
import { describeStock } from "../stock/expecting.ts"
import type { Way } from "../stock/ways.ts"
import { aware } from "./releases.ts"

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
