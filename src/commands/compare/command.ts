import * as Console from "effect/Console"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Option from "effect/Option"
import { wrap } from "../../../otel/timeline/columns.ts"
import { differencesOf } from "../../../otel/timeline/difference.ts"
import { findingLines } from "../../../otel/timeline/finding-lines.ts"
import { drawLines } from "../../../otel/timeline/text.ts"
import { layerEmbedded } from "../../collector/embedded.ts"
import { type ComparedVariant, compareVariants } from "../../comparison/comparison.ts"
import { isAsExpected } from "../../comparison/expectation.ts"
import { sendSpans } from "../../otlp/send.ts"
import { type VariantName, variantNames } from "../../server/variant.ts"
import { Unexpected, UsageError } from "../failure.ts"
import { httpAddress } from "../flags/http-address.ts"
import { jaegerFlags } from "../flags/jaeger-flags.ts"
import { reportFlag, writeReport } from "../flags/report-file.ts"
import { jaegerLines } from "../jaeger-lines.ts"
import { paint } from "../terminal/paint.ts"
import { type Screen, screenOf } from "../terminal/screen.ts"
import { compareRecordings } from "./recordings.ts"
import { comparedPanels, comparisonReport } from "./variants-report.ts"
import { verdictSentence } from "./verdict.ts"

const parameters = {
  before: Argument.String("BEFORE").pipe(
    Argument.withDescription(
      "A recording before a change: what diagnose reads, or the address of a trace in Jaeger",
    ),
    Argument.optional,
  ),
  after: Argument.String("AFTER").pipe(
    Argument.withDescription("The same after the change"),
    Argument.optional,
  ),
  ...jaegerFlags,
  variants: Flag.String("variants").pipe(
    Flag.withDescription(
      `Which of ${variantNames.join(", ")} to compare, in order; broken,fixed by default`,
    ),
    Flag.optional,
  ),
  otlp: Flag.String("otlp").pipe(
    Flag.withDescription("Also send the traces to this OTLP/HTTP address, e.g. Jaeger's"),
    Flag.withSchema(httpAddress("http://127.0.0.1:4318")),
    Flag.optional,
  ),
  jaegerPublic: Flag.String("jaeger-public").pipe(
    Flag.withDescription(
      "Where a browser reaches Jaeger; by default port 16686 of the --otlp host",
    ),
    Flag.withSchema(httpAddress("http://127.0.0.1:16686")),
    Flag.optional,
  ),
  report: reportFlag,
  json: Flag.Boolean("json").pipe(
    Flag.withDescription("Print one JSON document instead of the timelines"),
    Flag.withDefault(false),
  ),
}

/** `scopeline compare`: the broken and the fixed stream side by side, or two recordings. */
export const compare = Command.make(
  "compare",
  parameters,
  Effect.fnUntraced(function* ({ before, after, services, lookback, json, ...servers }) {
    if (Option.isSome(before) && Option.isSome(after)) {
      const { variants, otlp, jaegerPublic } = servers
      const others = { "--variants": variants, "--otlp": otlp, "--jaeger-public": jaegerPublic }
      yield* refuse(
        others,
        "is about the streams of this project: leave it out, or BEFORE and AFTER",
      )
      return yield* compareRecordings({
        before: before.value,
        after: after.value,
        services,
        lookback: Option.getOrUndefined(lookback),
        report: servers.report,
        json,
      })
    }
    if (Option.isSome(before)) return yield* new UsageError({ message: oneIsMissing })
    const service = Option.fromUndefinedOr(services[0])
    const others = { "--service": service, "--lookback": lookback }
    yield* refuse(others, "is about two recordings: name BEFORE and AFTER")
    yield* compareServers({ ...servers, json })
  }, Effect.provide(FetchHttpClient.layer)),
).pipe(
  Command.withDescription(
    "Show two timelines: of the broken and the fixed stream, or of two recordings",
  ),
)

const oneIsMissing =
  "One recording is not enough: name BEFORE and AFTER, or neither to compare the broken and the " +
  "fixed stream."

/** Flags that say nothing about what is compared are a mistake. */
const refuse = (
  flags: Readonly<Record<string, Option.Option<unknown>>>,
  why: string,
): Effect.Effect<void, UsageError> => {
  const given = Object.entries(flags).find(([, value]) => Option.isSome(value))?.[0]
  return given === undefined
    ? Effect.void
    : Effect.fail(new UsageError({ message: `${given} ${why}.` }))
}

interface ServersWords {
  readonly variants: Option.Option<string>
  readonly otlp: Option.Option<string>
  readonly jaegerPublic: Option.Option<string>
  readonly report: Option.Option<string>
  readonly json: boolean
}

const compareServers = Effect.fnUntraced(function* ({
  variants,
  otlp,
  jaegerPublic,
  report,
  json,
}: ServersWords) {
  const names = yield* parseVariants(Option.getOrElse(variants, () => "broken,fixed"))
  const compared = yield* compareVariants(names).pipe(Effect.provide(layerEmbedded))
  const expected = compared.every(isAsExpected)
  yield* Console.log(
    json
      ? JSON.stringify(toJson(compared, expected), undefined, 2)
      : toText(compared, expected, screenOf(process.stdout, process.env)),
  )
  const written = yield* writeReport(report, (environment) =>
    comparisonReport(compared, expected, environment),
  )
  if (!json) yield* Effect.forEach(written, (line) => Console.log(line))
  if (Option.isSome(otlp)) {
    yield* sendSpans(
      otlp.value,
      compared.flatMap(({ spans }) => spans),
    )
    const ui = Option.getOrElse(jaegerPublic, () => defaultJaeger(otlp.value))
    const shown = compared.map(({ variant, traceId }) => ({ title: variant, traceId }))
    const rules = new Set(
      compared.flatMap(({ diagnosis }) => diagnosis.findings.map(({ rule }) => rule)),
    )
    if (!json) yield* Console.log(jaegerLines(ui, shown, [...rules]).join("\n"))
  }
  if (!expected) return yield* new Unexpected()
})

const parseVariants = (list: string): Effect.Effect<ReadonlyArray<VariantName>, UsageError> => {
  const asked = list.split(",").map((name) => name.trim())
  const known = variantNames.filter((name) => asked.includes(name))
  const names = asked.flatMap((name) => known.find((it) => it === name) ?? [])
  if (names.length === asked.length && new Set(names).size === names.length) {
    return Effect.succeed(names)
  }
  const message =
    `--variants ${JSON.stringify(list)}: one or more of ${variantNames.join(", ")} are expected, ` +
    "each named once."
  return Effect.fail(new UsageError({ message }))
}

const defaultJaeger = (otlp: string): string => {
  const url = new URL(otlp)
  return `${url.protocol}//${url.hostname}:16686`
}

const toJson = (compared: ReadonlyArray<ComparedVariant>, expected: boolean) => ({
  ...Object.fromEntries(
    compared.map(({ variant, traceId, seen, eventsPublished, eventsReceived, diagnosis }) => [
      variant,
      {
        traceId,
        streamMs: rounded(seen.streamMs),
        endedBy: seen.endedBy,
        eventsPublished,
        eventsReceived,
        findings: diagnosis.findings,
      },
    ]),
  ),
  verdict: expected ? "as-expected" : "unexpected",
})

/** To the microsecond: more was not measured. */
const rounded = (millis: number | undefined): number | undefined =>
  millis === undefined ? undefined : Math.round(millis * 1000) / 1000

const toText = (
  compared: ReadonlyArray<ComparedVariant>,
  expected: boolean,
  { width, color }: Screen,
): string => {
  const findings = compared.flatMap(({ diagnosis }) => diagnosis.findings)
  const panels = comparedPanels(compared)
  const sections = [
    paint(drawLines(panels, width, differencesOf(panels)), color),
    paint(findingLines(findings, width), color),
    ...compared.flatMap((one) => wrap(verdictSentence(one), width)),
    ...(expected ? [] : ["This is not what the comparison is there to show; run it again."]),
  ]
  return sections.join("\n")
}
