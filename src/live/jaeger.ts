import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { counted } from "../../otel/lifetimes/counted.ts"
import { isMarker } from "../../otel/lifetimes/open-marker.ts"
import { TraceStore } from "../collector/trace-store.ts"
import { sendSpans } from "../otlp/send.ts"
import { fetchServices } from "../recordings/jaeger/client.ts"
import { WaitingSpans } from "../watch/waiting-spans.ts"

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

/** What waits for a Jaeger which is not there, in bytes. */
const mostWaiting = 32 * 1024 * 1024

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
      const waiting = new WaitingSpans(mostWaiting)
      let reached = false
      yield* forward(addresses, waiting, () => {
        reached = true
      }).pipe(Effect.provide(FetchHttpClient.layer), Effect.forkScoped)
      const forwarding = TraceStore.of({
        ...store,
        add: (spans) =>
          Effect.suspend(() => {
            const taken = [...spans]
            const ended = taken.filter((span) => !isMarker(span))
            if (ended.length > 0) waiting.add(ended)
            return store.add(taken)
          }),
      })
      return Context.make(TraceStore, forwarding).pipe(
        Context.add(Jaeger, { ui: () => (reached ? addresses.ui : undefined) }),
      )
    }),
  )

const forward = ({ ui, otlp }: JaegerAddresses, waiting: WaitingSpans, onReached: () => void) =>
  Effect.gen(function* () {
    yield* fetchServices(ui).pipe(Effect.timeout(patience), everySoOften)
    while (true) {
      const { spans, lost } = yield* waiting.take
      yield* sendSpans(otlp, spans).pipe(Effect.timeout(patience), everySoOften)
      onReached()
      if (lost > 0) yield* Console.error(`${counted(lost, "span")} did not reach Jaeger.`)
    }
  })

const everySoOften = Effect.retry(Schedule.spaced(untilNextTry))
