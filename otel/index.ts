/** What a program imports to see its lifetimes. */

export {
  type SettingsDefaults,
  SettingsError,
  settingsFromEnvironment,
  type TelemetrySettings,
} from "./export/settings.ts"
export {
  layerTelemetry,
  layerTelemetryFromEnvironment,
  type TelemetryOptions,
} from "./export/telemetry.ts"
export { Lifetimes } from "./instrument/lifetimes.ts"
export { type OpenNow, openNow } from "./instrument/open-lifetimes.ts"
export { tracedPubSub } from "./instrument/pubsub.ts"
export { forkTracedScope, traceCurrentScope, tracedScope } from "./instrument/scope.ts"
export { tracedStream } from "./instrument/stream.ts"
export { subscribeTraced } from "./instrument/subscription.ts"
