import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { warn } from "../instrument/warn.ts"
import type { Micros } from "../lifetimes/time.ts"
import { CutOffCounter, CutOffListener } from "./cut-off.ts"
import { LossTeller } from "./delivery/loss-teller.ts"
import { droppedText } from "./delivery/loss-text.ts"
import { atTheEnd } from "./delivery/losses.ts"
import { deliveryOf } from "./delivery-settings.ts"
import { openSdk } from "./sdk.ts"
import type { TelemetrySettings } from "./settings.ts"
import { openRoute } from "./span-route.ts"

/** From the spans of Effect to the collector. */
export const openPipeline = Effect.fnUntraced(function* (
  settings: TelemetrySettings,
  url: string,
  now: () => Micros,
  markAfter: ReadonlyArray<Micros> = [],
) {
  const console = yield* Console.Console
  const { sdk, terms } = deliveryOf(settings, url)
  const teller = new LossTeller(terms, (line) => console.error(line))
  const { starter, ids, delivery } = openSdk(sdk, (standing) => teller.update(standing))
  const cutOff = new CutOffCounter(yield* CutOffListener, now)
  const { sampler } = settings
  return {
    terms,
    teller,
    delivery,
    ...openRoute(starter, ids, { sampler, now, markAfter, cutOff }),
    found: (traceId: string) => delivery.found(traceId),
    flush: () => delivery.flush(),
  }
})

export const closePipeline = Effect.fnUntraced(function* ({
  spans,
  delivery,
  outlet,
  teller,
  cutOff,
  terms,
}: Effect.Success<ReturnType<typeof openPipeline>>) {
  const console = yield* Console.Console
  spans.endAll()
  yield* Effect.promise(() => delivery.drain(terms.drainMillis))
  cutOff.close()
  teller.end(atTheEnd(delivery.standing, delivery.left))
  if (outlet.lost() > 0) warn(droppedText(outlet.lost()), { console })
  delivery.close()
})
