import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { comparedAt } from "../../recordings/jaeger/page.ts"
import { UsageError } from "../failure.ts"
import { loaded } from "../loaded.ts"
import { refuseTwoDocuments } from "../markdown-file.ts"
import type { CompareWords } from "./flags.ts"

const compareRecordings = loaded(async () => (await import("./recordings.ts")).compareRecordings)
const compareServers = loaded(async () => (await import("./variants.ts")).compareServers)

/** `scopeline compare`: the broken and the fixed stream side by side, or two recordings. */
export const compare = Effect.fnUntraced(function* (words: CompareWords) {
  const { before, after, variants, otlp, jaeger, jaegerPublic, wait, services, lookback } = words
  yield* refuseTwoDocuments(words)
  const aboutJaeger = { "--jaeger": jaeger, "--jaeger-public": jaegerPublic, "--wait": wait }
  if (Option.isSome(before) && Option.isSome(after)) {
    yield* refuse(
      { "--variants": variants, "--otlp": otlp, ...aboutJaeger },
      "is about the streams of this project: leave it out, or BEFORE and AFTER",
    )
    return yield* compareRecordings({ ...words, before: before.value, after: after.value })
  }
  if (Option.isSome(before)) {
    const compared = comparedAt(before.value)
    if (compared === undefined) return yield* new UsageError({ message: oneIsMissing })
    return yield* compareRecordings({ ...words, before: compared[0], after: compared[1] })
  }
  const service = Option.fromUndefinedOr(services[0])
  const route = Option.fromUndefinedOr(words.streamRoutes[0])
  yield* refuse(
    {
      "--service": service,
      "--lookback": lookback,
      "--stream-route": route,
      "--known": words.known,
    },
    "is about two recordings: name BEFORE and AFTER",
  )
  if (Option.isNone(otlp))
    yield* refuse(
      aboutJaeger,
      "is about the traces that --otlp sends: give --otlp too, or leave it out",
    )
  yield* compareServers(words)
})

const oneIsMissing =
  "One recording is not enough: name BEFORE and AFTER, or neither to compare the broken and the " +
  "fixed stream. The address of a comparison in Jaeger names both."

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
