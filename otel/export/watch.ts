import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { warn } from "../instrument/warn.ts"
import type { Micros } from "../lifetimes/time.ts"
import { withoutCredentials } from "./address.ts"
import { deliveryFromEnvironment } from "./delivery-variables.ts"
import { defaultSampler } from "./sampling.ts"
import { endpointFromEnvironment, type TelemetrySettings, tracesUrl } from "./settings.ts"
import { variable } from "./variable.ts"

/** `scopeline watch` sets it to 1 for the program that it starts. */
const watchVariable = "SCOPELINE_WATCH"

/** Whether `scopeline watch` shows this program. */
export const isWatched: Effect.Effect<boolean> = Effect.map(
  variable(watchVariable),
  (value) => value === "1" || value?.toLowerCase() === "true",
)

/** A running stream shows soon; later its bar grows without news of it. */
export const watchMarkAfter: ReadonlyArray<Micros> = [0.2e6, 1e6, 10e6, 60e6, 600e6]

/**
 * The settings of a watched program: it sends all of its spans to where the environment says, whatever its own
 * settings say. If its own settings name another place, one line on stderr says so.
 */
export const watchedSettings = Effect.fnUntraced(function* (settings: TelemetrySettings) {
  const endpoint = yield* Effect.orElseSucceed(endpointFromEnvironment, () => undefined)
  if (endpoint === undefined) return { ...settings, sampler: defaultSampler }
  const [own, other] = [tracesUrl(endpoint), settings.endpoint && tracesUrl(settings.endpoint)]
  if (other !== undefined && other !== own) {
    warn(
      `${watchVariable} is set: the spans go to ${withoutCredentials(own)}, and not to ${withoutCredentials(other)}.`,
      { console: yield* Console.Console },
    )
  }
  const { off: _, batchDelay: __, ...rest } = settings
  const delivery = yield* deliveryFromEnvironment
  return { ...rest, ...delivery, endpoint, sampler: defaultSampler, fromEnvironment: true }
})
