import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Latch } from "effect"
import { publish } from "../support/event-server.ts"
import { servedProcess } from "../support/process.ts"
import { stop } from "../support/stop.ts"
import { collecting, lostIn } from "./collecting.ts"
import { seconds, tellFigure, whole } from "./figure.ts"
import { leaving } from "./leaving.ts"
import { sized } from "./load-size.ts"
import { openStreams } from "./streams.ts"

const streams = sized(1_000, 100)

/** So many clients and events before the signal. */
const underway = 20

/** A stream in spans. */
const spansOfStream = 5

/**
 * Until it is interrupted: clients that come and leave, and events for whoever is there, one after the other. Each that
 * is over counts for `seen`.
 */
const busy = (address: string, port: number, seen: Latch.Latch) => {
  let over = 0
  const counted = Effect.suspend(() => (++over === underway ? seen.open : Effect.void))
  const clients = Effect.tryPromise(() => leaving(port, "close", "after the head")).pipe(
    Effect.andThen(counted),
    Effect.ignore,
    Effect.forever,
  )
  const events = publish(address, { type: "load", properties: {} }).pipe(
    Effect.andThen(counted),
    Effect.forever,
    Effect.ignoreCause,
  )
  return Effect.all([clients, clients, clients, clients, events], {
    concurrency: "unbounded",
    discard: true,
  })
}

const underLoad = Effect.fnUntraced(function* (variables: Readonly<Record<string, string>> = {}) {
  const collector = yield* collecting(variables)
  const server = yield* servedProcess(["--fixed"], {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.address,
  })
  const open = yield* Effect.promise(() => openStreams(server.port, streams))
  const seen = yield* Latch.make()
  const load = yield* Effect.forkChild(busy(server.address, server.port, seen))
  yield* seen.await
  return { collector, server, open, load }
})

describe(`a signal while ${whole(streams)} streams are open, others come and leave, and events are published`, () => {
  it.live.each(["SIGTERM", "SIGINT"] as const)(
    "%s ends each stream cleanly, and loses no span",
    (signal, context) =>
      Effect.gen(function* () {
        const { collector, server, open, load } = yield* underLoad()
        const { code, millis } = yield* stop(server, signal)
        yield* Fiber.interrupt(load)
        const ends = yield* Effect.promise(() => Promise.all(open.map(({ ended }) => ended)))
        const clean = ends.filter((isClean) => isClean).length
        const { lost } = lostIn(server.stderr())
        const arrived = yield* collector.ask("spans")
        tellFigure(
          context,
          `exit code ${code} after ${seconds(millis)}; ${whole(clean)} of ${whole(streams)} ended cleanly; ` +
            `${lost} of ${whole(arrived + lost)} spans lost`,
        )
        expect(server.stderr()).toBe("")
        expect([code, clean]).toEqual([0, streams])
        expect(arrived).toBeGreaterThan(streams * spansOfStream)
      }),
  )

  it.live(
    "a second SIGTERM ends the process at once, while it waits for its collector",
    (context) =>
      Effect.gen(function* () {
        const { server, open, load } = yield* underLoad({ LOAD_SILENT: "1" })
        server.signal("SIGTERM")
        yield* Effect.promise(() => Promise.all(open.map(({ ended }) => ended)))
        const { code, millis } = yield* stop(server)
        yield* Fiber.interrupt(load)
        tellFigure(context, `exit code ${code} ${seconds(millis)} after the second`)
        expect(code).toBe(143)
        expect(millis).toBeLessThan(1_000)
      }),
  )

  it.live("SIGUSR2 tells what is open, and the server goes on", (context) =>
    Effect.gen(function* () {
      const { server, load, open } = yield* underLoad()
      const start = performance.now()
      server.signal("SIGUSR2")
      yield* server.written(/(exchange.*)/)
      const told = performance.now() - start
      const event = new Promise((resolve) => open[0]?.socket.once("data", resolve))
      yield* publish(server.address, { type: "after", properties: {} })
      yield* Effect.promise(() => event)
      yield* Fiber.interrupt(load)
      const { code } = yield* stop(server)
      tellFigure(context, `told after ${seconds(told)}; exit code ${code} at SIGTERM`)
      expect(code).toBe(0)
    }),
  )
})
