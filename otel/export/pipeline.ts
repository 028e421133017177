import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { warn } from "../instrument/warn.ts"
import type { Micros } from "../lifetimes/time.ts"
import { withoutCredentials } from "./address.ts"
import { CutOffCounter, CutOffListener } from "./cut-off.ts"
import { losses, takesNone } from "./loss.ts"
import { openSdk, type Sdk } from "./sdk.ts"
import type { TelemetrySettings } from "./settings.ts"
import { openRoute } from "./span-route.ts"

/** How long the last spans may take to leave before the program goes on without them. */
const flushMillis = 1500

/** From the spans of Effect to the collector. */
export const openPipeline = Effect.fnUntraced(function* (
  { serviceName, resource, detectors, fromEnvironment, batchDelay, sampler }: TelemetrySettings,
  url: string,
  now: () => Micros,
  markAfter: ReadonlyArray<Micros> = [],
) {
  const shown = withoutCredentials(url)
  const console = yield* Console.Console
  const batchMillis = batchDelay === undefined ? undefined : Duration.toMillis(batchDelay)
  const sdk = openSdk(
    { url, serviceName, resource, detectors, fromEnvironment, batchMillis },
    (reason) => warn(takesNone(shown, reason), { console }),
  )
  const cutOff = new CutOffCounter(yield* CutOffListener, now)
  return {
    shown,
    sdk,
    ...openRoute(sdk.starter, sdk.ids, { sampler, now, markAfter, cutOff }),
    flush: () => void sdk.flush().catch(() => {}), // losses are counted
  }
})

export const closePipeline = Effect.fnUntraced(function* ({
  spans,
  sdk,
  outlet,
  shown,
  cutOff,
}: Effect.Success<ReturnType<typeof openPipeline>>) {
  const console = yield* Console.Console
  spans.endAll()
  yield* Effect.promise(() => arrivalWithin(flushMillis, sdk))
  cutOff.close()
  for (const loss of losses(sdk.lost(), outlet.lost(), shown)) warn(loss, { console })
  sdk.shutdown().catch(() => {}) // in no fiber, which would be one that outlives the program
})

/** With a timer and no `Effect.timeout`, which forks: fibers of the program are counted after ours. */
const arrivalWithin = async (millis: number, { flush, arrival }: Sdk): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, millis)
  })
  const arrived = flush()
    .catch(() => {}) // losses are counted
    .then(arrival)
    .catch(() => {})
  await Promise.race([arrived, tooLate])
  clearTimeout(timer)
}
