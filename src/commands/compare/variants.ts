import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Option from "effect/Option"
import { layerEmbedded } from "../../collector/receiver.ts"
import { compareVariants } from "../../comparison/comparison.ts"
import { isAsExpected } from "../../comparison/expectation.ts"
import { type VariantName, variantNames } from "../../server/variant-name.ts"
import { Unexpected, UsageError } from "../failure.ts"
import { didYouMean, nearest } from "../flags/nearest.ts"
import { printsMarkdown } from "../markdown-file.ts"
import { giveResults } from "../results.ts"
import type { CompareWords } from "./flags.ts"
import { showInJaeger } from "./variants-in-jaeger.ts"
import { variantsJson } from "./variants-json.ts"
import { variantsLines, variantsVerdictLines } from "./variants-text.ts"

/** The words of `compare` that are about the streams of this project. */
export type VariantsWords = Pick<
  CompareWords,
  "variants" | "otlp" | "jaeger" | "jaegerPublic" | "wait" | "report" | "markdown" | "json"
>

/** `scopeline compare`: the broken and the fixed stream side by side. */
export const compareServers = Effect.fnUntraced(function* (words: VariantsWords) {
  const { variants, otlp } = words
  const names = yield* parseVariants(Option.getOrElse(variants, () => "broken,fixed"))
  const compared = yield* compareVariants(names).pipe(Effect.provide(layerEmbedded))
  const expected = compared.every(isAsExpected)
  yield* giveResults(words, {
    json: () => variantsJson(compared, expected),
    lines: (width) => variantsLines(compared, width),
    verdict: (width) => variantsVerdictLines(compared, expected, width),
    report: async (environment) => {
      const { variantsReport } = await import("./variants-report.ts")
      return variantsReport(compared, expected, environment)
    },
    exchanges: () => compared.flatMap(({ diagnosis }) => diagnosis.exchanges),
  })
  const isQuiet = words.json || printsMarkdown(words)
  if (Option.isSome(otlp)) {
    yield* showInJaeger(otlp.value, { ...words, json: isQuiet }, compared)
  }
  if (!expected) return yield* new Unexpected()
}, Effect.provide(FetchHttpClient.layer))

const parseVariants = (list: string): Effect.Effect<ReadonlyArray<VariantName>, UsageError> => {
  const asked = list.split(",").map((name) => name.trim())
  const known = variantNames.filter((name) => asked.includes(name))
  const names = asked.flatMap((name) => known.find((it) => it === name) ?? [])
  if (names.length === asked.length && new Set(names).size === names.length) {
    return Effect.succeed(names)
  }
  const unknown = asked.find((name) => !variantNames.some((it) => it === name))
  const meant = unknown === undefined ? [] : nearest(unknown, variantNames)
  if (meant.length > 0) {
    const what = `--variants: there is no variant ${JSON.stringify(unknown)}${didYouMean(meant)}`
    return Effect.fail(new UsageError({ message: what }))
  }
  const message =
    `--variants ${JSON.stringify(list)}: one or more of ${variantNames.join(", ")} are expected, ` +
    "each named once."
  return Effect.fail(new UsageError({ message }))
}
