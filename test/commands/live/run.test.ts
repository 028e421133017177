import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { pageAt } from "../../live/page.ts"
import { runCommand, scopeline } from "../../support/command.ts"
import { listening } from "../../support/jaeger-stand-in.ts"
import { signalsReachProcesses, stop } from "../../support/stop.ts"
import { StreamReader } from "../../support/stream-reader.ts"

describe("scopeline live", () => {
  it.live.skipIf(!signalsReachProcesses)(
    "prints the address of the page, and ends soon on Ctrl-C, with every stream ended cleanly",
    () =>
      Effect.gen(function* () {
        const program = yield* scopeline(["live", "--port", "0", "--jaeger", "http://127.0.0.1:1"])
        const page = yield* pageAt(yield* program.written(/The live page is at (http:\S+),/))
        const readers = yield* Effect.forEach(
          [`${page.address}/updates`, `${page.fixed}/event`, `${page.fixed}/event`],
          (url) => StreamReader.open(url),
        )
        yield* Effect.forEach(readers, (reader) => reader.frameCount(1))
        const { code, millis } = yield* stop(program, "SIGINT")
        expect(code, program.output()).toBe(0)
        expect(millis).toBeLessThan(3_000)
        yield* Effect.forEach(readers, (reader) => reader.until(({ end }) => end !== "open"))
        expect(readers.map(({ end }) => end)).toEqual(["clean", "clean", "clean"])
        expect(program.stderr()).toBe("")
      }),
  )

  it.live("says that its port is taken, and ends with 2", () =>
    Effect.gen(function* () {
      const { port } = new URL(yield* listening(() => {}))
      const { code, stderr } = yield* Effect.promise(() => runCommand(["live", "--port", port]))
      expect(stderr).toContain(`Port ${port} on 127.0.0.1 is already in use`)
      expect(code).toBe(2)
    }),
  )
})
