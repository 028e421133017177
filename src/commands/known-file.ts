import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { counted } from "../../otel/lifetimes/counted.ts"
import { rules } from "../../otel/lifetimes/registry.ts"
import {
  type FindingIdentity,
  type KnownFinding,
  knownFindingOf,
  reasonFor,
} from "../recordings/known-findings.ts"
import { UsageError } from "./failure.ts"
import { didYouMean, nearest } from "./flags/nearest.ts"
import { reasonText } from "./reason-text.ts"
import { jsonText } from "./terminal/json-text.ts"

/** The words of a command line about known findings. */
export interface KnownWords {
  readonly known: Option.Option<string>
  readonly writeKnown: boolean
}

const Text = Schema.NonEmptyString

const Entry = Schema.Struct({
  rule: Schema.optionalKey(Text),
  route: Schema.optionalKey(Text),
  operation: Schema.optionalKey(Text),
  function: Schema.optionalKey(Text),
  file: Schema.optionalKey(Text),
  reason: Text,
})

const KnownFile = Schema.fromJsonString(Schema.Struct({ known: Schema.Array(Entry) }))

const decode = Schema.decodeUnknownEffect(KnownFile, { onExcessProperty: "error" })

/** The largest file that is read, and that is written. */
const mostBytes = 1024 * 1024

/** The known findings; none without `--known`. Fails with a `UsageError` if the file cannot be used. */
export const knownFindings = Effect.fnUntraced(function* ({ known, writeKnown }: KnownWords) {
  if (Option.isNone(known)) {
    return writeKnown ? yield* fail("--write-known needs --known FILE: the file to write.") : none
  }
  const file = known.value
  const files = yield* FileSystem.FileSystem
  const refuse = (why: string) => fail(`--known: ${file} ${why}`)
  if (!(yield* Effect.orElseSucceed(files.exists(file), () => false))) {
    return writeKnown
      ? none
      : yield* refuse("does not exist. --write-known makes it from what is found.")
  }
  const read = Effect.gen(function* () {
    const { size } = yield* files.stat(file)
    return size > mostBytes ? undefined : yield* files.readFileString(file)
  })
  const text = yield* Effect.catch(read, ({ reason }) =>
    refuse(`cannot be read: ${reasonText(reason)}`),
  )
  if (text === undefined) return yield* refuse("is larger than 1 MiB.")
  const { known: entries } = yield* Effect.catch(decode(text), (error) =>
    refuse(`cannot be followed: ${error.message}`),
  )
  for (const entry of entries) {
    const why = whyNot(entry)
    if (why !== undefined) return yield* refuse(why)
  }
  return entries
})

const none: ReadonlyArray<KnownFinding> = []

const fail = (message: string) => Effect.fail(new UsageError({ message }))

const names: ReadonlyArray<string> = rules.map(({ name }) => name)

const whyNot = ({ reason, ...parts }: KnownFinding): string | undefined => {
  if (Object.keys(parts).length === 0) {
    return `accepts everything (${reason}): give a rule, route, operation, function or file.`
  }
  const { rule } = parts
  if (rule === undefined || names.includes(rule)) return undefined
  return `names a rule that is not there: ${rule}${didYouMean(nearest(rule, names))}`
}

/**
 * Adds the findings that are not known yet, and keeps what is in the file. Returns everything that is known
 * then.
 */
export const writeKnownFindings = Effect.fnUntraced(function* (
  { known: words, writeKnown }: KnownWords,
  known: ReadonlyArray<KnownFinding>,
  findings: ReadonlyArray<FindingIdentity>,
  say: (text: string) => Effect.Effect<void> = Console.error,
) {
  if (Option.isNone(words) || !writeKnown) return known
  const file = words.value
  const day = new Date(yield* Clock.currentTimeMillis).toISOString().slice(0, 10)
  const added = findings
    .filter((finding) => reasonFor(known, finding) === undefined)
    .map((finding) => knownFindingOf(finding, process.cwd(), `known since ${day}`))
  // Findings of two services may give one entry.
  const all = [...known, ...new Map(added.map((one) => [JSON.stringify(one), one])).values()]
  const text = `${jsonText({ known: all })}\n`
  if (Buffer.byteLength(text) > mostBytes) {
    return yield* fail(`--known: ${file} would be larger than 1 MiB, and is left as it was.`)
  }
  const files = yield* FileSystem.FileSystem
  yield* files
    .writeFileString(file, text)
    .pipe(
      Effect.catch(({ reason }) =>
        fail(`--known: ${file} cannot be written: ${reasonText(reason)}`),
      ),
    )
  yield* say(`Known: ${counted(all.length - known.length, "entry", "entries")} added to ${file}`)
  return all
})
