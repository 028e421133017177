import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Option from "effect/Option"
import { SERVICE_VERSION, spanName } from "../../../otel/attributes.ts"
import { withoutSlash } from "../../../otel/export/address.ts"
import { layerTelemetry, settingsFromEnvironment } from "../../../otel/index.ts"
import { diagnose } from "../../../otel/lifetimes/diagnose.ts"
import { isServerSpan } from "../../../otel/lifetimes/from-spans.ts"
import type { Span } from "../../../otel/lifetimes/span.ts"
import { formatMillis } from "../../../otel/lifetimes/time.ts"
import packageJson from "../../../package.json" with { type: "json" }
import { type ExerciseResult, exercise } from "../../comparison/exercise.ts"
import { isAsExpected } from "../../comparison/expectation.ts"
import { awaitTrace } from "../../recordings/jaeger/client.ts"
import { variantsJson } from "../compare/variants-json.ts"
import { variantsLines, variantsVerdictLines } from "../compare/variants-text.ts"
import { Unexpected } from "../failure.ts"
import { printsMarkdown } from "../markdown-file.ts"
import { giveResults } from "../results.ts"
import { jaegerLines, rulesOf } from "../terminal/jaeger-lines.ts"
import type { DriveWords } from "./flags.ts"

/** `scopeline drive`: the comparison's client against two servers that run already. */
export const drive = Effect.fnUntraced(function* (words: DriveWords) {
  const { broken, fixed, jaeger, wait, markdown } = words
  const given = { markdown, report: Option.none<string>(), json: false }
  const say = (text: string) => (printsMarkdown(given) ? Effect.void : Console.log(text))
  const jaegerPublic = Option.getOrElse(words.jaegerPublic, () => jaeger)
  if (Option.isSome(words.page)) yield* say(`The page is at ${withoutSlash(words.page.value)}.`)
  const settings = yield* settingsFromEnvironment({
    serviceName: "scopeline-drive",
    resource: { [SERVICE_VERSION]: packageJson.version },
  })
  const driven = yield* exercise([
    { variant: "broken", address: withoutSlash(broken) },
    { variant: "fixed", address: withoutSlash(fixed) },
  ]).pipe(Effect.provide(layerTelemetry(settings)))
  for (const one of driven) yield* say(summary(one))
  yield* say(`Waiting for both traces in Jaeger at ${jaeger} ...`)
  const compared = yield* Effect.forEach(
    driven,
    (one) =>
      awaitTrace(jaeger, one.traceId, isComplete, wait).pipe(
        Effect.map(({ spans }) => ({ ...one, spans, diagnosis: diagnose(spans) })),
      ),
    { concurrency: "unbounded" },
  )
  const expected = compared.every(isAsExpected)
  yield* giveResults(given, {
    json: () => variantsJson(compared, expected),
    lines: (width) => variantsLines(compared, width),
    verdict: (width) => variantsVerdictLines(compared, expected, width),
    report: async (environment) => {
      const { variantsReport } = await import("../compare/variants-report.ts")
      return variantsReport(compared, expected, environment)
    },
    exchanges: () => compared.flatMap(({ diagnosis }) => diagnosis.exchanges),
  })
  const shown = compared.map(({ variant, traceId }) => ({ title: variant, traceId }))
  yield* say(["", ...jaegerLines(jaegerPublic, shown, rulesOf(compared))].join("\n"))
  if (!expected) return yield* new Unexpected()
}, Effect.provide(FetchHttpClient.layer))

/** The client has left, and the exchange is over, with all that lived in it. */
const isComplete = (spans: ReadonlyArray<Span>): boolean =>
  spans.some(isServerSpan) &&
  spans.some(({ kind }) => kind === "client") &&
  spans.some(({ name }) => name === spanName.scope("request"))

const summary = ({ variant, seen, eventsPublished, eventsReceived }: ExerciseResult) =>
  `${variant}: ended by ${seen.endedBy} after ${formatMillis(seen.streamMs ?? 0)} (the client's own time), ` +
  `${eventsReceived} of ${eventsPublished} events received`
