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
export { Lifetimes, type OpenFinalizers, type OpenNow, openNow } from "./instrument/lifetimes.ts"
export { tracedPubSub } from "./instrument/traced/pubsub.ts"
export { forkTracedScope, traceCurrentScope, tracedScope } from "./instrument/traced/scope.ts"
export { tracedStream } from "./instrument/traced/stream.ts"
export { subscribeTraced } from "./instrument/traced/subscription.ts"
