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
export { type OpenNow, openNow } from "./instrument/records/open-lifetimes.ts"
export { Lifetimes } from "./instrument/records/registry.ts"
export { tracedPubSub } from "./instrument/traced/pubsub.ts"
export { forkTracedScope, traceCurrentScope, tracedScope } from "./instrument/traced/scope.ts"
export { tracedStream } from "./instrument/traced/stream.ts"
export { subscribeTraced } from "./instrument/traced/subscription.ts"
