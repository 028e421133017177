import * as Tracer from "effect/Tracer"
import { CutOffCounter } from "../export/cut-off.ts"
import { droppedText } from "../export/delivery/loss-text.ts"
import { deliveryOf } from "../export/delivery-settings.ts"
import type { HeldOutlet } from "../export/held-teller.ts"
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

/** Where the observations go, until the process ends. */
export interface ClosableTelemetry extends ProcessTelemetry {
  /** What waits is sent now, or never. */
  readonly close: () => void
  /** Where the process reports what it holds open, under `scopeline watch`. */
  readonly held?: HeldOutlet
}

/** Nothing leaves the process: findings are printed on stderr. */
export const tellingTelemetry = ({ serviceName }: TelemetrySettings): ClosableTelemetry => ({
  sink: tellFindings(serviceName),
  tracer: Tracer.nativeTracer,
  mirror: (span) => giveIds(Tracer.nativeTracer.span(optionsOf(span)), span),
  close: () => {},
})

/** With the tenth of a second after which spans are handed over, at most half a second. */
const batchDelay = 400

export const exportingTelemetry = (
  settings: TelemetrySettings,
  endpoint: NonNullable<TelemetrySettings["endpoint"]>,
  isWatched: boolean,
): ClosableTelemetry => {
  const { serviceName, sampler } = settings
  const { sdk, terms } = deliveryOf({ batchDelay, ...settings }, tracesUrl(endpoint))
  const now = () => fromNanos(processClock.currentTimeNanosUnsafe())
  const sender = new SpanSender(sdk, terms)
  const cutOff = new CutOffCounter(() => {}, now)
  const markAfter = isWatched ? watchMarkAfter : defaultMarkAfter
  const found = (traceId: string) => sender.found(traceId)
  const flush = () => sender.flush()
  const route = openRoute(sender.starter, sender.ids, { sampler, now, markAfter, cutOff })
  superviseOpen({ now, flush, withLifetimes: true, ...route }, markAfter, processClock)
  return {
    sink: sdkSink({ service: serviceName, now, found, flush, ...route }),
    tracer: route.tracer(false),
    mirror: route.spans.mirror,
    ...(isWatched
      ? {
          held: { writer: route.writer, now, flush, lost: () => sender.lost + route.outlet.lost() },
        }
      : {}),
    close: () => {
      route.spans.endAll()
      sender.close()
      const letGo = route.outlet.lost()
      if (letGo > 0) warn(droppedText(letGo))
    },
  }
}
