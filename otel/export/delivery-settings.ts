import * as Duration from "effect/Duration"
import { withoutCredentials } from "./address.ts"
import type { DeliveryTerms } from "./delivery/loss-text.ts"
import type { SdkOptions } from "./sdk.ts"
import type { TelemetrySettings } from "./settings.ts"

/** The SDK's defaults, and those for a person at a terminal. */
const delayMillis = { fromEnvironment: 5_000, isolated: 1_000 }

const batchSpans = 512
const queueBytes = 64 * 2 ** 20
const drainMillis = 5_000

/** How the spans of a program are delivered to this address, if its settings say nothing else. */
export const deliveryOf = (
  settings: TelemetrySettings,
  url: string,
): { readonly sdk: SdkOptions; readonly terms: DeliveryTerms } => {
  const { serviceName, resource, detectors, fromEnvironment, batchDelay, drainTimeout } = settings
  const queue = {
    queueBytes: settings.queueBytes ?? queueBytes,
    queueSpans: settings.queueSpans ?? Number.POSITIVE_INFINITY,
  }
  return {
    sdk: {
      url,
      serviceName,
      resource,
      detectors,
      fromEnvironment,
      protocol: settings.protocol ?? "http/json",
      delayMillis:
        batchDelay === undefined
          ? delayMillis[fromEnvironment ? "fromEnvironment" : "isolated"]
          : Duration.toMillis(batchDelay),
      batchSpans: settings.batchSpans ?? batchSpans,
      ...queue,
    },
    terms: {
      shown: withoutCredentials(url),
      drainMillis: drainTimeout === undefined ? drainMillis : Duration.toMillis(drainTimeout),
      ...queue,
    },
  }
}
