import * as Effect from "effect/Effect"
import type { Span } from "../../otel/lifetimes/span.ts"
import { isHeldSpan } from "../../otel/lifetimes/spans/held.ts"
import { TraceStore } from "../collector/trace-store.ts"

/** Where spans go as they come. */
interface IntakeTargets {
  /** Each batch, whole. */
  readonly received: (spans: ReadonlyArray<Span>) => void
  /** What a program says about what it holds: the store does not keep that. */
  readonly looked: (span: Span) => void
}

/** The store, which passes on what comes before it keeps it. */
export const intakeOf = (
  store: TraceStore["Service"],
  { received, looked }: IntakeTargets,
): TraceStore["Service"] =>
  TraceStore.of({
    ...store,
    add: (spans) =>
      Effect.suspend(() => {
        const kept: Array<Span> = []
        const all = [...spans]
        received(all)
        for (const span of all) {
          if (isHeldSpan(span)) looked(span)
          else kept.push(span)
        }
        return kept.length === 0 ? Effect.void : store.add(kept)
      }),
  })
