import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { otlpSink, spansIn } from "../support/otlp-sink.ts"
import type { Variables } from "../support/running.ts"
import { run, underRegister } from "./registered.ts"

/** As npm starts the script of a package. */
const byNpm = { npm_package_name: "shop", npm_package_version: "1.2.3" }

/** What all spans of a program that nobody has changed say of it. */
const saidOfProgram = (variables: Variables) =>
  Effect.gen(function* () {
    const sink = yield* otlpSink
    const ended = yield* run(["test/register/programs/managed-runtime.ts"], {
      ...underRegister,
      ...byNpm,
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.address,
      ...variables,
    })
    const spans = yield* spansIn(sink.requests)
    expect(spans.length, ended.stderr).toBeGreaterThan(0)
    const said = spans.map(({ resource }) => ({
      name: resource["service.name"],
      version: resource["service.version"],
    }))
    expect(new Set(said.map((one) => JSON.stringify(one))).size).toBe(1)
    return said[0]
  }).pipe(Effect.scoped)

describe("the name and version of a program that nobody has changed", () => {
  it.live("are those of the package whose script npm runs", () =>
    Effect.gen(function* () {
      expect(yield* saidOfProgram({})).toEqual({ name: "shop", version: "1.2.3" })
    }),
  )

  it.live("are what the environment says", () =>
    Effect.gen(function* () {
      const attributes = "service.name=checkout,service.version=7"
      expect(yield* saidOfProgram({ OTEL_RESOURCE_ATTRIBUTES: attributes })).toEqual({
        name: "checkout",
        version: "7",
      })
    }),
  )

  it.live("are not of two programs: another name has no version", () =>
    Effect.gen(function* () {
      expect(yield* saidOfProgram({ OTEL_SERVICE_NAME: "checkout" })).toEqual({
        name: "checkout",
        version: undefined,
      })
    }),
  )
})
