import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { withoutSlash } from "../../../otel/export/address.ts"
import { layerTelemetry, settingsFromEnvironment } from "../../../otel/index.ts"
import { isServerSpan } from "../../../otel/lifetimes/from-spans.ts"
import type { Span } from "../../../otel/lifetimes/span.ts"
import { formatMillis } from "../../../otel/lifetimes/time.ts"
import { type ExerciseResult, exercise } from "../../comparison/exercise.ts"
import { awaitTrace } from "../../recordings/jaeger/client.ts"
import { Unexpected } from "../failure.ts"
import { jaegerLines } from "../terminal/jaeger-lines.ts"
import type { DriveWords } from "./flags.ts"

/** `scopeline drive`: the comparison's client against two servers that run already. */
export const drive = Effect.fnUntraced(function* (words: DriveWords) {
  const { broken, fixed, jaeger, jaegerPublic, wait } = words
  const settings = yield* settingsFromEnvironment({ serviceName: "scopeline-drive" })
  const servers = [broken, fixed].map(withoutSlash)
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
}, Effect.provide(FetchHttpClient.layer))

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
