import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Span } from "../../../otel/lifetimes/span.ts"
import { fromNanos, type Micros } from "../../../otel/lifetimes/time.ts"
import type { TraceStore } from "../../collector/trace-store.ts"
import { type Connections, connectionsOf, type Side, sideOf, sides } from "./connections.ts"

/** What the page shows at one moment. */
export interface PageView {
  readonly connections: ReadonlyArray<Connections>
  /** The spans of the latest connections. */
  readonly spans: ReadonlyArray<Span>
  readonly now: Micros
}

/** The latest connection of each server, and this many before it. */
const mostConnections = 21

/** Remembers which traces of the store are connections; the rest are requests of other kinds. */
export class WatchedTraces {
  readonly #store: TraceStore["Service"]
  readonly #traceIds: Readonly<Record<Side, Array<string>>> = { broken: [], fixed: [] }

  constructor(store: TraceStore["Service"]) {
    this.#store = store
  }

  /** Takes note of a trace that has got spans. */
  changed(traceId: string): Effect.Effect<void> {
    if (sides.some((side) => this.#traceIds[side].includes(traceId))) return Effect.void
    return Effect.map(this.#store.trace(traceId), (spans) => {
      const side = sideOf(spans)
      if (side === undefined) return
      this.#traceIds[side].push(traceId)
      if (this.#traceIds[side].length > mostConnections) this.#traceIds[side].shift()
    })
  }

  /** What is to be seen now. */
  readonly look: Effect.Effect<PageView> = Effect.gen({ self: this }, function* () {
    const connections = yield* Effect.forEach(sides, (side) =>
      Effect.map(Effect.forEach(this.#traceIds[side], this.#store.trace), (traces) =>
        connectionsOf(side, traces.flat()),
      ),
    )
    const shown = connections.flatMap(({ latest }) => latest?.exchange.span.traceId ?? [])
    const spans = (yield* Effect.forEach(shown, this.#store.trace)).flat()
    return { connections, spans, now: fromNanos(yield* Clock.currentTimeNanos) }
  })
}
