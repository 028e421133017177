import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { VARIANT } from "../../../otel/attributes.ts"
import { tracesUrl, withoutCredentials } from "../../../otel/export/settings.ts"
import {
  layerTelemetry,
  settingsFromEnvironment,
  type TelemetrySettings,
} from "../../../otel/index.ts"
import { printable } from "../../../otel/timeline/printable.ts"
import { layerServer, ServerAddress } from "../../server/server.ts"
import { fixedVariable, type VariantName, variantFromEnvironment } from "../../server/variant.ts"
import { portFlag } from "../flags/port-flag.ts"
import { listenFailure } from "../listen-failure.ts"
import { runUntilStopped } from "../run-until-stopped.ts"

const flags = {
  fixed: Flag.Boolean("fixed").pipe(
    Flag.withDescription("Run the fixed stream, whatever FIXED_SSE says"),
    Flag.withDefault(false),
  ),
  port: portFlag("port", "Port to listen on, 4096 by default; 0 takes a free one").pipe(
    Flag.withDefault(4096),
  ),
  host: Flag.String("host").pipe(
    Flag.withDescription("Address to listen on, 127.0.0.1 by default"),
    Flag.withDefault("127.0.0.1"),
  ),
  markOpen: Flag.Boolean("mark-open").pipe(
    Flag.withDescription(
      "Also send a span for everything that stays open, after 1 s, 10 s, 1 min and 10 min",
    ),
    Flag.withDefault(false),
  ),
  cors: Flag.String("cors").pipe(
    Flag.withDescription("Origins that browsers may call from, comma-separated; * for any"),
    Flag.optional,
  ),
}

/** `scopeline serve`: the event server, until it is asked to stop. */
export const serve = Command.make(
  "serve",
  flags,
  Effect.fnUntraced(function* ({ fixed, port, host, cors, markOpen }) {
    const variant = fixed ? "fixed" : yield* variantFromEnvironment
    const settings = yield* settingsFromEnvironment({
      serviceName: "scopeline-sse",
      resource: { [VARIANT]: variant },
    })
    const options = Option.isSome(cors) ? { cors: cors.value } : {}
    const server = layerServer({ variant, host, port, ...options })
    const announced = Layer.tap(server, (context) =>
      Console.log(printable(startLine(Context.get(context, ServerAddress), variant, settings))),
    )
    yield* runUntilStopped(
      Layer.provide(announced, layerTelemetry(settings, { markOpen, openOnSignal: true })),
    ).pipe(Effect.catchTag("ServeError", (error) => Effect.fail(listenFailure(host, port, error))))
  }),
).pipe(Command.withDescription("Run the event server: GET /event streams, POST /event publishes"))

const startLine = (address: string, variant: VariantName, settings: TelemetrySettings): string => {
  const stream =
    variant === "fixed" ? "fixed stream" : `${variant} stream (${fixedVariable}=1 fixes it)`
  const spans =
    settings.endpoint === undefined
      ? `spans are not exported (${settings.off ?? "OTEL_EXPORTER_OTLP_ENDPOINT is not set"})`
      : `spans go to ${withoutCredentials(tracesUrl(settings.endpoint))}`
  return `Listening on ${address}, ${stream}; ${spans}.`
}
