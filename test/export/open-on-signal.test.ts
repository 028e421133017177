import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { openTable } from "../../otel/export/open-table.ts"
import { layerTelemetry } from "../../otel/index.ts"
import { servedProcess } from "../support/process.ts"
import { StreamReader } from "../support/stream-reader.ts"

const nowhere = { endpoint: undefined, serviceName: "test", resource: {}, fromEnvironment: false }

const isWindows = process.platform === "win32"

describe.skipIf(isWindows)("SIGUSR2", () => {
  it.live("makes a server print on stderr what is open in it, and go on", () =>
    Effect.gen(function* () {
      const server = yield* servedProcess([], { FIXED_SSE: "1" })
      const client = yield* StreamReader.open(`${server.address}/event`)
      yield* client.frameCount(1)
      for (const time of [1, 2]) {
        server.child.kill("SIGUSR2")
        yield* server.written(
          new RegExp(`(Scopeline: what is open now[^]*?\nstream .*\n[^]*){${time}}`),
        )
      }
      expect(server.stderr()).toMatch(/^kind +name +age +belongs to$/m)
      expect(server.stderr()).toMatch(/^exchange +GET \/event +[\d.]+ m?s +GET \/event$/m)
      expect(server.stderr()).toMatch(
        /^subscription +bus .* 0 delivered, 1 reader, owned by connection$/m,
      )
      expect(client.end).toBe("open")
    }),
  )

  it.effect("has a listener for as long as the Layer is there, where that was asked for", () =>
    Effect.gen(function* () {
      const before = process.listenerCount("SIGUSR2")
      const count = Effect.sync(() => process.listenerCount("SIGUSR2") - before)
      const within = (openOnSignal: boolean) =>
        Effect.scoped(Effect.andThen(Layer.build(layerTelemetry(nowhere, { openOnSignal })), count))
      expect([yield* within(true), yield* within(false), yield* count]).toEqual([1, 0, 0])
    }),
  )
})

describe("the table of what is open", () => {
  const nothing = {
    exchanges: [],
    scopes: [],
    subscriptions: [],
    streams: [],
    fibers: [],
    orphans: [],
    finalizers: [],
  }

  it("says so where that is nothing", () => {
    expect(openTable({ ...nothing, runningFibers: 1 })).toBe(
      "Scopeline: nothing is open now; 1 fiber runs.\n",
    )
  })

  it("keeps its columns and the terminal, whatever names there are", () => {
    const stream = { ageMs: 61_000, exchange: "the program", events: 1 }
    const table = openTable({
      ...nothing,
      streams: [
        { ...stream, name: "\u001b[31m" },
        { ...stream, name: "x".repeat(99) },
      ],
      runningFibers: 2,
    })
    expect(table).not.toContain("\u001b")
    const [, header = "", ...rows] = table.trimEnd().split("\n")
    expect(rows.map((row) => row.indexOf("1.0 min"))).toEqual(rows.map(() => header.indexOf("age")))
  })
})
