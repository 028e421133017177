import * as Tracer from "effect/Tracer"
import { withoutCredentials } from "../export/address.ts"
import { CutOffCounter } from "../export/cut-off.ts"
import type { HeldOutlet } from "../export/held-teller.ts"
import { losses } from "../export/loss.ts"
import { defaultMarkAfter, superviseOpen } from "../export/open-markers.ts"
import { sdkSink } from "../export/sdk-sink.ts"
import { type TelemetrySettings, tracesUrl } from "../export/settings.ts"
import { openRoute } from "../export/span-route.ts"
import { watchMarkAfter } from "../export/watch.ts"
import { giveIds, optionsOf } from "../instrument/effect/spans.ts"
import { type ProcessTelemetry, processClock } from "../instrument/process.ts"
import { warn } from "../instrument/warn.ts"
import { fromNanos } from "../lifetimes/time.ts"
import { tellFindings } from "./finding-teller.ts"
import { SpanSender } from "./span-sender.ts"

/** Where what is seen goes, until the process ends. */
export interface ClosableTelemetry extends ProcessTelemetry {
  /** What waits is sent now, or never. */
  readonly close: () => void
  /** Where it is told what the process holds open, under `scopeline watch`. */
  readonly held?: HeldOutlet
}

/** Nothing leaves the process: what is found is told on stderr. */
export const tellingTelemetry = ({ serviceName }: TelemetrySettings): ClosableTelemetry => ({
  sink: tellFindings(serviceName),
  tracer: Tracer.nativeTracer,
  mirror: (span) => giveIds(Tracer.nativeTracer.span(optionsOf(span)), span),
  close: () => {},
})

/** With the tenth of a second after which spans are handed over, at most half a second. */
const batchMillis = 400

export const exportingTelemetry = (
  { serviceName, resource, detectors, sampler }: TelemetrySettings,
  endpoint: NonNullable<TelemetrySettings["endpoint"]>,
  isWatched: boolean,
): ClosableTelemetry => {
  const url = tracesUrl(endpoint)
  const shown = withoutCredentials(url)
  const now = () => fromNanos(processClock.currentTimeNanosUnsafe())
  const isDelaySet = process.env.OTEL_BSP_SCHEDULE_DELAY !== undefined
  const sender = new SpanSender(
    {
      url,
      serviceName,
      resource,
      detectors,
      fromEnvironment: true,
      batchMillis: isDelaySet ? undefined : batchMillis,
    },
    shown,
  )
  const cutOff = new CutOffCounter(() => {}, now)
  const markAfter = isWatched ? watchMarkAfter : defaultMarkAfter
  const flush = () => sender.flush()
  const route = openRoute(sender.starter, sender.ids, { sampler, now, markAfter, cutOff })
  superviseOpen({ now, flush, withLifetimes: true, ...route }, markAfter, processClock)
  return {
    sink: sdkSink({ service: serviceName, now, flush, ...route }),
    tracer: route.tracer(false),
    mirror: route.spans.mirror,
    ...(isWatched ? { held: { writer: route.writer, now, flush } } : {}),
    close: () => {
      route.spans.endAll()
      sender.close()
      for (const loss of losses(0, route.outlet.lost(), shown)) warn(loss)
    },
  }
}
