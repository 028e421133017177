import * as Console from "effect/Console"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { startLive } from "../../page/live/live.ts"
import { httpAddress } from "../flags/http-address.ts"
import { portFlag } from "../flags/port-flag.ts"
import { listenFailure } from "../listen-failure.ts"
import { runUntilStopped } from "../run-until-stopped.ts"

const flags = {
  port: portFlag("port", "Port of the page, 4090 by default; 0 takes a free one").pipe(
    Flag.withDefault(4090),
  ),
  jaeger: Flag.String("jaeger").pipe(
    Flag.withDescription(
      "Where Jaeger may be: traces are sent and linked where it answers, http://127.0.0.1:16686 by default",
    ),
    Flag.withSchema(httpAddress("http://127.0.0.1:16686")),
    Flag.withDefault("http://127.0.0.1:16686"),
  ),
  otlp: Flag.String("otlp").pipe(
    Flag.withDescription("Where that Jaeger takes spans; port 4318 of its host by default"),
    Flag.withSchema(httpAddress("http://127.0.0.1:4318")),
    Flag.optional,
  ),
}

/** `scopeline live`: the broken and the fixed stream on a page, until it is asked to stop. */
export const live = Command.make(
  "live",
  flags,
  Effect.fnUntraced(function* ({ port, jaeger, otlp }) {
    const addresses = { ui: jaeger, otlp: Option.getOrElse(otlp, () => otlpOf(jaeger)) }
    const page = startLive({ port, jaeger: addresses }).pipe(
      Effect.tap((address) => Console.log(`The live page is at ${address}, until Ctrl-C.`)),
    )
    yield* runUntilStopped(Layer.effectDiscard(page)).pipe(
      Effect.catchTag("ServeError", (error) =>
        Effect.fail(listenFailure("127.0.0.1", port, error)),
      ),
    )
  }),
).pipe(Command.withDescription("Watch the broken and the fixed stream live, on a page"))

const otlpOf = (jaeger: string): string => {
  const { protocol, hostname } = new URL(jaeger)
  return `${protocol}//${hostname}:4318`
}
