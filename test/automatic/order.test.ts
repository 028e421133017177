import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { layerTelemetry } from "../../otel/index.ts"
import { guarded } from "../../otel/testing/index.ts"
import { programs, type Seen } from "./turns.ts"

const settings = { serviceName: "order", resource: {}, fromEnvironment: false }
const nowhere = { url: "http://127.0.0.1:1", exact: false }
const layer = layerTelemetry({ ...settings, endpoint: undefined })
const exporting = layerTelemetry({ ...settings, endpoint: nowhere }, { markOpen: true })

const observed: Readonly<
  Record<string, (program: Effect.Effect<Seen>) => Effect.Effect<Seen, unknown>>
> = {
  "the Layer": Effect.provide(layer, { local: true }),
  "the Layer that exports": Effect.provide(exporting, { local: true }),
  "the guard": guarded(),
}

describe.each(Object.entries(programs))("%s", (_, program) => {
  for (const [around, observe] of Object.entries(observed)) {
    it(`take the same turns under ${around}`, async () => {
      const alone = await Effect.runPromise(program)
      deepStrictEqual(await Effect.runPromise(observe(program)), alone)
    })
  }
})
