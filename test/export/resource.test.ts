import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { resourceOf } from "../../otel/export/resource.ts"
import type { DetectorName } from "../../otel/export/settings.ts"

const resourceWith = (
  detectors: ReadonlyArray<DetectorName> | undefined,
  resource: Readonly<Record<string, string>> = {},
) =>
  Effect.promise(async () => {
    const made = resourceOf({ serviceName: "shop", resource, detectors })
    await made.waitForAsyncAttributes?.()
    return made.attributes
  })

describe("the resource of a program's spans", () => {
  it.effect("tells the same host.id for every program of the machine, and nothing else of it", () =>
    Effect.gen(function* () {
      const first = yield* resourceWith(undefined)
      const second = yield* resourceWith(undefined)
      expect(Object.keys(first).toSorted()).toEqual([
        "host.id",
        "service.instance.id",
        "service.name",
        "telemetry.sdk.language",
        "telemetry.sdk.name",
        "telemetry.sdk.version",
      ])
      expect(first["host.id"]).toMatch(/^[0-9a-f]{32}$/)
      expect(second["host.id"]).toBe(first["host.id"])
      expect(second["service.instance.id"]).not.toBe(first["service.instance.id"])
    }),
  )

  it.effect("has the host.id that it was given", () =>
    Effect.gen(function* () {
      expect(yield* resourceWith(undefined, { "host.id": "stack" })).toMatchObject({
        "host.id": "stack",
      })
      expect(yield* resourceWith(["host"], { "host.id": "stack" })).toMatchObject({
        "host.id": "stack",
      })
    }),
  )

  it.effect("has what OpenTelemetry's own detectors tell, where they are named", () =>
    Effect.gen(function* () {
      const detected = yield* resourceWith(["host", "os"])
      expect(detected).toMatchObject({
        "host.name": expect.any(String),
        "os.type": expect.any(String),
        "service.name": "shop",
      })
      expect(detected).not.toHaveProperty("process.pid")
    }),
  )

  it.effect("tells nothing of the machine where no detector is named", () =>
    Effect.gen(function* () {
      const keys = Object.keys(yield* resourceWith([]))
      expect(keys.filter((key) => key.startsWith("host."))).toEqual([])
    }),
  )
})
