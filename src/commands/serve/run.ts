import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { SERVICE_VERSION, VARIANT } from "../../../otel/attributes.ts"
import { withoutCredentials } from "../../../otel/export/address.ts"
import { tracesUrl } from "../../../otel/export/settings.ts"
import {
  layerTelemetry,
  settingsFromEnvironment,
  type TelemetrySettings,
} from "../../../otel/index.ts"
import { printable } from "../../../otel/timeline/printable.ts"
import packageJson from "../../../package.json" with { type: "json" }
import { layerServer, ServerAddress } from "../../server/server.ts"
import { fixedVariable, variantFromEnvironment } from "../../server/variant.ts"
import type { VariantName } from "../../server/variant-name.ts"
import { listenFailure } from "../listen-failure.ts"
import { runUntilStopped } from "../stop.ts"
import type { ServeWords } from "./flags.ts"

/** `scopeline serve`: the event server, until it is asked to stop. */
export const serve = Effect.fnUntraced(function* (words: ServeWords) {
  const { fixed, port, host, allowHosts, cors, stall, markOpen } = words
  const variant = fixed ? "fixed" : yield* variantFromEnvironment
  const settings = yield* settingsFromEnvironment({
    serviceName: "scopeline-sse",
    resource: { [SERVICE_VERSION]: packageJson.version, [VARIANT]: variant },
  })
  const options = Option.isSome(cors) ? { cors: cors.value } : {}
  const server = layerServer({ variant, host, port, allowHosts, stall, ...options })
  const announced = Layer.tap(server, (context) =>
    Console.log(printable(startLine(Context.get(context, ServerAddress), variant, settings))),
  )
  yield* runUntilStopped(
    Layer.provide(announced, layerTelemetry(settings, { markOpen, openOnSignal: true })),
  ).pipe(Effect.catchTag("ServeError", (error) => Effect.fail(listenFailure(host, port, error))))
})

const startLine = (address: string, variant: VariantName, settings: TelemetrySettings): string => {
  const stream =
    variant === "fixed" ? "fixed stream" : `${variant} stream (${fixedVariable}=1 fixes it)`
  const spans =
    settings.endpoint === undefined
      ? `spans are not exported (${settings.off ?? "OTEL_EXPORTER_OTLP_ENDPOINT is not set"})`
      : `spans go to ${withoutCredentials(tracesUrl(settings.endpoint))}`
  return `Listening on ${address}, ${stream}; ${spans}.`
}
