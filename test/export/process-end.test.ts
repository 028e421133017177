import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { runningProgram } from "../support/process.ts"
import { refusingAddress, silentServer } from "../support/silent-server.ts"

const ends = ["runMain", "runPromise", "fails"] as const
const settings = ["environment", "value"] as const
const cases = ends.flatMap((how) => settings.map((from) => ({ how, from })))

/** How a program ends whose collector this is, and how long after it was done. */
const endWith = Effect.fnUntraced(function* (how: string, from: string, collector: string) {
  const variables = from === "environment" ? { OTEL_EXPORTER_OTLP_ENDPOINT: collector } : {}
  const words = ["test/export/ends-program.ts", how, from, collector]
  const running = yield* runningProgram(process.execPath, words, variables)
  yield* running.written(/^done$/m)
  const done = performance.now()
  const code = yield* running.ended
  return { code, millis: performance.now() - done, stderr: running.stderr() }
})

describe("a collector that accepts connections and never answers", () => {
  it.live.each(cases)(
    "delays the end of a program by two seconds at most: $how, settings from the $from",
    ({ how, from }) =>
      Effect.gen(function* () {
        const { code, millis, stderr } = yield* endWith(how, from, yield* silentServer)
        expect(code).toBe(how === "fails" ? 1 : 0)
        expect(stderr).toMatch(/^1 span was lost: the collector at \S+ did not answer/m)
        expect(millis).toBeLessThan(2_000)
      }),
  )
})

describe("a runtime that nobody disposes of", () => {
  it.live("lets its program end all the same where the collector never answers", () =>
    Effect.gen(function* () {
      const { code, millis } = yield* endWith("undisposed", "environment", yield* silentServer)
      expect(code).toBe(0)
      expect(millis).toBeLessThan(2_000)
    }),
  )
})

describe("a collector that is not there", () => {
  it.live("does not delay the end of a program", () =>
    Effect.gen(function* () {
      const collector = yield* refusingAddress
      const { code, millis, stderr } = yield* endWith("runPromise", "environment", collector)
      expect(code).toBe(0)
      expect(stderr).toMatch(/^1 span was lost: .* did not answer \(.*ECONNREFUSED/m)
      expect(millis).toBeLessThan(1_000)
    }),
  )
})
