import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { layerTelemetry, type OpenNow } from "../../otel/index.ts"
import { type Diagnosis, diagnose } from "../../otel/lifetimes/diagnose.ts"
import { fromDuration } from "../../otel/lifetimes/duration.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { Receiver } from "../collector/receiver.ts"
import { TraceStore } from "../collector/trace-store.ts"
import { buildAlone, isolatedSettings } from "../probe/isolated.ts"
import type { VariantName } from "../server/variant-name.ts"
import { type ExerciseResult, exercise } from "./exercise.ts"
import { startServer } from "./start-server.ts"

/** What became of one variant: what its client saw, and what its trace says. */
export interface ComparedVariant extends ExerciseResult {
  readonly spans: ReadonlyArray<Span>
  readonly diagnosis: Diagnosis
}

/**
 * Short, because the comparison waits for it if something is left. What is healthy is released in a
 * millisecond.
 */
const grace = "500 millis"

/** Nothing more can happen to a server that has released everything. */
const isAtRest = ({ exchanges, subscriptions, streams, fibers, orphans }: OpenNow): boolean =>
  [exchanges, subscriptions, streams, fibers, orphans].every(({ length }) => length === 0)

/** Waits until the servers have released everything, or until what they still hold has been judged. */
const untilJudged = (looks: ReadonlyArray<Effect.Effect<OpenNow>>) =>
  Effect.all(looks).pipe(
    Effect.repeat({
      until: (servers) => servers.every(isAtRest),
      schedule: Schedule.spaced("10 millis"),
    }),
    Effect.timeoutOption("550 millis"),
  )

/**
 * Starts a server for each variant and a collector, does the same to all, stops the servers, and reads the
 * measured trace of each from the collector.
 */
export const compareVariants = Effect.fnUntraced(function* (variants: ReadonlyArray<VariantName>) {
  const store = yield* TraceStore
  const receiver = yield* Receiver
  const exercised = yield* Effect.scoped(
    Effect.gen(function* () {
      const servers = yield* Effect.forEach(variants, (variant) =>
        Effect.map(
          startServer({ variant, collector: receiver.url }, (settings) =>
            layerTelemetry(settings, { grace }),
          ),
          (server) => ({
            ...server,
            variant,
          }),
        ),
      )
      const client = yield* buildAlone(
        layerTelemetry(isolatedSettings(receiver.url, "scopeline-client")),
      )
      const result = yield* Effect.provideContext(exercise(servers), client)
      yield* untilJudged(servers.map(({ openNow }) => openNow))
      return result
    }),
  )
  return yield* Effect.forEach(exercised, (one) =>
    Effect.map(
      store.trace(one.traceId),
      (spans): ComparedVariant => ({
        ...one,
        spans,
        diagnosis: diagnose(spans, { grace: fromDuration(grace) }),
      }),
    ),
  )
})
