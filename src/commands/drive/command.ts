import * as Console from "effect/Console"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { layerTelemetry, settingsFromEnvironment } from "../../../otel/index.ts"
import { isServerSpan } from "../../../otel/lifetimes/from-spans.ts"
import type { Span } from "../../../otel/lifetimes/span.ts"
import { formatMillis } from "../../../otel/lifetimes/time.ts"
import { type ExerciseResult, exercise } from "../../comparison/exercise.ts"
import { awaitTrace } from "../../recordings/jaeger/client.ts"
import { Unexpected } from "../failure.ts"
import { DurationText } from "../flags/duration-text.ts"
import { httpAddress } from "../flags/http-address.ts"
import { jaegerLines } from "../jaeger-lines.ts"

const address = (name: string, description: string) =>
  Argument.String(name).pipe(
    Argument.withDescription(description),
    Argument.withSchema(httpAddress("http://127.0.0.1:4096")),
  )

const parameters = {
  broken: address("BROKEN_URL", "Where the broken server listens"),
  fixed: address("FIXED_URL", "Where the fixed server listens"),
  jaeger: Flag.String("jaeger").pipe(
    Flag.withDescription("Where Jaeger's API is reached from here"),
    Flag.withSchema(httpAddress("http://127.0.0.1:16686")),
  ),
  jaegerPublic: Flag.String("jaeger-public").pipe(
    Flag.withDescription("Where a browser reaches Jaeger, for the links"),
    Flag.withSchema(httpAddress("http://127.0.0.1:16686")),
  ),
  wait: Flag.String("wait").pipe(
    Flag.withDescription("How long the traces may take to arrive in Jaeger, 60s by default"),
    Flag.withSchema(DurationText),
    Flag.withDefault(60_000),
  ),
}

/** `scopeline drive`: the comparison's client against two servers that run already. */
export const drive = Command.make(
  "drive",
  parameters,
  Effect.fnUntraced(function* ({ broken, fixed, jaeger, jaegerPublic, wait }) {
    const settings = yield* settingsFromEnvironment({ serviceName: "scopeline-drive" })
    const servers = [broken, fixed].map((url) => url.replace(/\/+$/, ""))
    const [before, after] = yield* exercise(servers).pipe(Effect.provide(layerTelemetry(settings)))
    if (before === undefined || after === undefined) return yield* new Unexpected()
    const shown = [
      { title: "broken", ...before },
      { title: "fixed", ...after },
    ]
    for (const one of shown) yield* Console.log(summary(one))
    yield* Console.log(`Waiting for both traces in Jaeger at ${jaeger} ...`)
    yield* Effect.forEach(shown, ({ traceId }) => awaitTrace(jaeger, traceId, isComplete, wait), {
      concurrency: "unbounded",
      discard: true,
    })
    yield* Console.log(jaegerLines(jaegerPublic, shown, [brokenRule]).join("\n"))
  }, Effect.provide(FetchHttpClient.layer)),
).pipe(
  Command.withDescription("Exercise a broken and a fixed server and print their traces in Jaeger"),
)

/** What the broken server is there to show. */
const brokenRule = "scope-closed-early"

/** A server span is exported when the exchange has ended, with everything that lived in it. */
const isComplete = (spans: ReadonlyArray<Span>): boolean => spans.some(isServerSpan)

const summary = ({
  title,
  seen,
  eventsPublished,
  eventsReceived,
}: ExerciseResult & { title: string }) =>
  `${title}: ended by ${seen.endedBy} after ${formatMillis(seen.streamMs ?? 0)}, ` +
  `${eventsReceived} of ${eventsPublished} events received`
