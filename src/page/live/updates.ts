import { randomUUID } from "node:crypto"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { TraceStore } from "../../collector/trace-store.ts"
import { Bus } from "../../server/bus.ts"
import { Jaeger } from "./jaeger.ts"
import { type Parts, partsOf } from "./parts.ts"
import { type PageView, WatchedTraces } from "./watched.ts"

/** What the page is told: parts of it, and which state of it they belong to. */
interface Update {
  /** Tells this run of the program from another one. */
  readonly run: string
  readonly revision: number
  readonly parts: Parts
}

/** The type of the event that brings an `Update`. */
const updateType = "live.update"

/** Traces are read and drawn at most this often, and this often while something is open. */
const soonest = "200 millis"
const latest = "1 second"

/** Keeps the page up to date: draws it when spans have come, and publishes the parts that changed. */
export class Updates extends Context.Service<
  Updates,
  {
    /** Every part as it is now. */
    readonly all: Effect.Effect<Update>
    readonly look: Effect.Effect<PageView>
  }
>()("scopeline/live/Updates") {
  static readonly layer: Layer.Layer<Updates, never, TraceStore | Jaeger | Bus> = Layer.effect(
    Updates,
    Effect.gen(function* () {
      const store = yield* TraceStore
      const jaeger = yield* Jaeger
      const bus = yield* Bus
      const watched = new WatchedTraces(store)
      const run = randomUUID()
      let revision = 0
      let shown: Parts = {}

      const redraw = Effect.gen(function* () {
        const parts = partsOf(yield* watched.look, jaeger.ui())
        const changed = Object.entries(parts).filter(([id, html]) => shown[id] !== html)
        if (changed.length === 0) return
        shown = parts
        revision += 1
        const properties = { run, revision, parts: Object.fromEntries(changed) }
        yield* bus.publish({ type: updateType, properties })
      })

      const changes = yield* store.changes
      const arrived = changes.await.pipe(
        Effect.andThen(Effect.sleep(soonest)),
        Effect.andThen(
          Effect.suspend(() =>
            Effect.forEach(changes.take(), (traceId) => watched.changed(traceId)),
          ),
        ),
        Stream.fromEffectRepeat,
      )
      yield* redraw
      yield* Stream.merge(arrived, Stream.tick(latest)).pipe(
        Stream.runForEach(() => redraw),
        Effect.forkScoped,
      )
      return Updates.of({
        all: Effect.sync(() => ({ run, revision, parts: shown })),
        look: watched.look,
      })
    }),
  )
}
