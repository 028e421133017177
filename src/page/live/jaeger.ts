import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import { isMarker } from "../../../otel/lifetimes/open-marker.ts"
import type { Span } from "../../../otel/lifetimes/span.ts"
import { TraceStore } from "../../collector/trace-store.ts"
import { sendSpans } from "../../otlp/send.ts"
import { fetchServices } from "../../recordings/jaeger/client.ts"

export interface JaegerAddresses {
  /** Of its API and its pages. */
  readonly ui: string
  /** Where it takes spans. */
  readonly otlp: string
}

/** Where the page of Jaeger is, as soon as spans have reached it. */
export class Jaeger extends Context.Service<Jaeger, { readonly ui: () => string | undefined }>()(
  "scopeline/live/Jaeger",
) {}

/** Export requests that wait for a Jaeger which is not there. */
const mostWaiting = 1_000

const patience = "1 second"
const untilNextTry = "5 seconds"

/**
 * The `TraceStore` below, whose spans also go to a Jaeger, as soon as one answers. What only tells
 * that a span is open is not sent: Jaeger would keep every one of these.
 */
export const layerJaeger = (
  addresses: JaegerAddresses,
): Layer.Layer<TraceStore | Jaeger, never, TraceStore> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const store = yield* TraceStore
      const waiting = yield* Queue.sliding<ReadonlyArray<Span>>(mostWaiting)
      let reached = false
      yield* forward(addresses, waiting, () => {
        reached = true
      }).pipe(Effect.provide(FetchHttpClient.layer), Effect.forkScoped)
      const forwarding = TraceStore.of({
        ...store,
        add: (spans) => {
          const taken = [...spans]
          const ended = taken.filter((span) => !isMarker(span))
          const queued = ended.length === 0 ? Effect.void : Queue.offer(waiting, ended)
          return Effect.andThen(queued, store.add(taken))
        },
      })
      return Context.make(TraceStore, forwarding).pipe(
        Context.add(Jaeger, { ui: () => (reached ? addresses.ui : undefined) }),
      )
    }),
  )

const forward = (
  { ui, otlp }: JaegerAddresses,
  waiting: Queue.Dequeue<ReadonlyArray<Span>>,
  onReached: () => void,
) =>
  Effect.gen(function* () {
    yield* fetchServices(ui).pipe(Effect.timeout(patience), everySoOften)
    while (true) {
      const batches = yield* Queue.takeAll(waiting)
      yield* sendSpans(otlp, batches.flat()).pipe(Effect.timeout(patience), everySoOften)
      onReached()
    }
  })

const everySoOften = Effect.retry(Schedule.spaced(untilNextTry))
