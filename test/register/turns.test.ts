import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { otlpSink } from "../support/otlp-sink.ts"
import { run, underRegister } from "./registered.ts"

const words = ["test/register/turns-program.ts"]

describe("programs whose result depends on the turn in which their fibers run", () => {
  it.live("do the same under register, whether it exports or not", () =>
    Effect.gen(function* () {
      const { address } = yield* otlpSink
      const without = yield* run(words)
      const exporting = { ...underRegister, OTEL_EXPORTER_OTLP_ENDPOINT: address }
      expect(without.stdout.split("\n")).toHaveLength(9)
      expect(yield* run(words, underRegister)).toEqual(without)
      expect(yield* run(words, exporting)).toEqual(without)
    }),
  )
})
