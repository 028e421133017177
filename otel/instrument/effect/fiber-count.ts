import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import { sees } from "./capabilities.ts"

/** How many fibers run under the Layer now. The runtime itself reports them. */
export class FiberCount extends Context.Service<
  FiberCount,
  {
    running: number
    /** Called with the context in which a fiber starts. It must not throw. */
    started: (context: Context.Context<never>) => void
  }
>()("scopeline/FiberCount") {}

/** Counts fibers from start to end. A counter that is installed already is still called. */
export const layerFiberCount: Layer.Layer<FiberCount> = Layer.effectContext(
  Effect.gen(function* () {
    const present = yield* Metric.FiberRuntimeMetrics
    const count: FiberCount["Service"] = { running: 0, started: () => {} }
    const counted = Context.make(FiberCount, count)
    if (!sees.counts) return counted
    return counted.pipe(Context.add(Metric.FiberRuntimeMetrics, counting(count, present)))
  }),
)

const counts = new WeakSet<Metric.FiberRuntimeMetricsService>()

/** Whether this counts for a Layer. */
export const isCounting = (metrics: Metric.FiberRuntimeMetricsService): boolean =>
  counts.has(metrics)

export const counting = (
  count: FiberCount["Service"],
  present: Metric.FiberRuntimeMetricsService | undefined,
): Metric.FiberRuntimeMetricsService => {
  const metrics: Metric.FiberRuntimeMetricsService = {
    recordFiberStart: (context) => {
      count.running++
      count.started(context)
      present?.recordFiberStart(context)
    },
    recordFiberEnd: (context, exit) => {
      count.running--
      present?.recordFiberEnd(context, exit)
    },
  }
  counts.add(metrics)
  return metrics
}
