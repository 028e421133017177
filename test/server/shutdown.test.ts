import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { scopeline } from "../support/command.ts"
import { publish } from "../support/event-server.ts"
import { eventually } from "../support/eventually.ts"
import { listening } from "../support/jaeger-stand-in.ts"
import { servedProcess } from "../support/process.ts"
import { RawClient } from "../support/raw-client.ts"
import { signalsReachProcesses, stop } from "../support/stop.ts"
import { StreamReader } from "../support/stream-reader.ts"

const fiveStreams = Effect.gen(function* () {
  const server = yield* servedProcess(["--fixed"])
  const readers = yield* Effect.forEach([1, 2, 3, 4, 5], () =>
    StreamReader.open(`${server.address}/event`),
  )
  yield* Effect.forEach(readers, (reader) => reader.frameCount(1))
  return { server, readers }
})

/** A server whose only client does not read, with more for it than its socket's buffers hold. */
const stalled = Effect.gen(function* () {
  const server = yield* servedProcess(["--fixed"])
  const deaf = yield* RawClient.connect(server.address, "deaf")
  yield* deaf.ask("GET /event")
  yield* RawClient.connect(server.address) // so that what is asked before has been answered
  const text = "x".repeat(900 * 1024)
  for (let n = 0; n < 16; n++) yield* publish(server.address, { type: "x", properties: { text } })
  return server
})

const refusesConnections = (address: string) =>
  eventually(
    Effect.promise(() =>
      fetch(`${address}/health`).then(
        () => "answers" as const,
        () => "refuses" as const,
      ),
    ),
    (seen) => seen === "refuses",
  )

describe.concurrent.each(["SIGTERM", "SIGINT"] as const)("on %s,", (signal) => {
  it.live.skipIf(!signalsReachProcesses)(
    "every client sees a clean end, and the process ends with 0 within 3 s",
    () =>
      Effect.gen(function* () {
        const { server, readers } = yield* fiveStreams
        const { code, millis } = yield* stop(server, signal)
        expect(code, server.output()).toBe(0)
        expect(millis).toBeLessThan(3_000)
        yield* Effect.forEach(readers, (reader) => reader.until(({ end }) => end !== "open"))
        expect(readers.map(({ end }) => end)).toEqual(readers.map(() => "clean"))
        expect(server.stderr()).toBe("")
      }),
    30_000,
  )

  it.live.skipIf(!signalsReachProcesses)(
    "a second signal ends the process at once, with the code of a process that it ended",
    () =>
      Effect.gen(function* () {
        const server = yield* stalled
        server.child.kill(signal)
        yield* refusesConnections(server.address)
        expect(server.child.exitCode).toBeNull()
        const { code, millis } = yield* stop(server, signal)
        expect(code).toBe(signal === "SIGTERM" ? 143 : 130)
        expect(millis).toBeLessThan(500)
      }),
    30_000,
  )
})

describe("on any signal to stop,", () => {
  it.live.skipIf(!signalsReachProcesses)(
    "a client that does not read is cut off, and the process ends with 0 within 3 s",
    () =>
      Effect.gen(function* () {
        const server = yield* stalled
        const { code, millis } = yield* stop(server)
        expect(code, server.output()).toBe(0)
        expect(millis).toBeLessThan(3_000)
      }),
    30_000,
  )
})

describe("a port that is in use", () => {
  it.live(
    "is told in one line on stderr, with what to do, and exit code 2",
    () =>
      Effect.gen(function* () {
        const taken = new URL(yield* listening((_, response) => response.end())).port
        const server = yield* scopeline(["serve", "--port", taken])
        expect(yield* server.ended).toBe(2)
        expect(server.stdout()).toBe("")
        expect(server.stderr()).toMatch(new RegExp(`^Port ${taken} .* in use.*--port.*\n$`))
      }),
    30_000,
  )
})
