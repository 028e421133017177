import { describe, expect, it, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { runningProgram } from "../support/process.ts"
import { collecting } from "./collecting.ts"
import { type EventServerProcess, eventServerProcess, heldInTheEnd } from "./event-server.ts"
import { mebibytes, seconds, tellFigure, whole } from "./figure.ts"
import { leaving, type Moment, moments, type Way, ways } from "./leaving.ts"
import { sized } from "./load-size.ts"

/** How many clients are there at the same time. */
const atOnce = 50

const kinds = moments.flatMap((moment) => ways.map((way) => ({ way, moment })))

/** So many clients, each of them like one of the kinds in turn. */
const come = (port: number, count: number, all: ReadonlyArray<{ way: Way; moment: Moment }>) =>
  Effect.forEach(
    Array.from({ length: count }, (_, index) => all[index % all.length]),
    (kind) =>
      kind === undefined ? Effect.void : Effect.promise(() => leaving(port, kind.way, kind.moment)),
    { concurrency: atOnce, discard: true },
  )

const each = sized(2_000, 50)

/** One server for clients of every kind. */
class Served extends Context.Service<Served, EventServerProcess>()("test/Served") {
  static readonly layer = Layer.effect(Served, eventServerProcess())
}

layer(Served.layer, { excludeTestServices: true })(`${whole(each)} clients that leave`, (it) => {
  it.effect.each(kinds)("by a $way $moment leave nothing open", (kind, context) =>
    Effect.gen(function* () {
      const { address, port } = yield* Served
      const start = performance.now()
      yield* come(port, each, [kind])
      const left = yield* heldInTheEnd(address)
      tellFigure(context, `${left} held after ${seconds(performance.now() - start)}`)
      expect(left).toBe(0)
    }),
  )

  it.effect.each(moments)(
    "because their process is killed %s leave nothing open",
    (moment, context) =>
      Effect.gen(function* () {
        const { address, port } = yield* Served
        const start = performance.now()
        const words = ["test/load/killed-clients-process.ts", String(port), String(each), moment]
        const clients = yield* runningProgram(process.execPath, words)
        expect(yield* clients.ended, clients.output()).toBe(null)
        const left = yield* heldInTheEnd(address)
        tellFigure(context, `${left} held after ${seconds(performance.now() - start)}`)
        expect(left).toBe(0)
      }),
  )
})

/** `LOAD_CLIENTS` says how many. */
const many = Number(process.env.LOAD_CLIENTS ?? sized(100_000, 1_000))

/** How much larger the heap may be at the end than after the first tenth. */
const most = sized(1.1, 1.25)

describe("clients that come and leave in every way, one after the other", () => {
  it.live(
    `leave nothing open, and no more heap and descriptors: ${whole(many)} of them`,
    (context) =>
      Effect.gen(function* () {
        const collector = yield* collecting({ LOAD_FORGETS: "1" })
        const { address, port, ask } = yield* eventServerProcess({
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.address,
        })
        const rest = Effect.gen(function* () {
          const left = yield* heldInTheEnd(address)
          yield* Effect.sleep("2 seconds") // what has ended is judged, sent and forgotten
          return { left, heap: yield* ask("heap"), descriptors: yield* ask("descriptors") }
        })
        const start = performance.now()
        yield* come(port, many / 10, kinds)
        const first = yield* rest
        yield* come(port, many - many / 10, kinds)
        const last = yield* rest
        tellFigure(
          context,
          `${last.left} held; heap ${mebibytes(first.heap)} after a tenth, ${mebibytes(last.heap)} after all; ` +
            `descriptors ${first.descriptors} and ${last.descriptors}; ${seconds(performance.now() - start)}`,
        )
        expect([first.left, last.left]).toEqual([0, 0])
        expect(last.heap / first.heap).toBeLessThan(most)
        expect(last.descriptors).toBeLessThanOrEqual(first.descriptors + 2)
      }),
  )
})
