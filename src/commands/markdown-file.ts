import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { UsageError } from "./failure.ts"
import { isPrinted, stepSummary } from "./flags/markdown-flag.ts"
import { reasonText } from "./reason-text.ts"

/** What a command was asked to write and to print. */
export interface MarkdownWords {
  readonly markdown: Option.Option<string>
  readonly json: boolean
}

/** Whether the Markdown takes the place of what is printed. */
export const printsMarkdown = ({ markdown }: MarkdownWords): boolean =>
  Option.isSome(markdown) && isPrinted(markdown.value)

/** Two documents cannot stand in one output. */
export const refuseTwoDocuments = (words: MarkdownWords): Effect.Effect<void, UsageError> =>
  words.json && printsMarkdown(words)
    ? Effect.fail(
        new UsageError({ message: "--json and --markdown - both print: name a file for one." }),
      )
    : Effect.void

/**
 * Writes the Markdown if it is wanted, and says so unless the output is only a JSON document. Fails with a
 * `UsageError` if the file cannot be written.
 */
export const writeMarkdown = Effect.fnUntraced(function* (
  { markdown: file, json }: MarkdownWords,
  make: () => Promise<string>,
) {
  if (Option.isNone(file)) return
  const text = yield* Effect.promise(make)
  if (isPrinted(file.value)) return yield* Console.log(text.trimEnd())
  const files = yield* FileSystem.FileSystem
  const flag = file.value === (yield* stepSummary) ? "a" : "w"
  yield* files.writeFileString(file.value, text, { flag }).pipe(
    Effect.mapError(
      ({ reason }) =>
        new UsageError({
          message: `--markdown: ${file.value} cannot be written: ${reasonText(reason)}`,
        }),
    ),
  )
  if (!json) yield* Console.log(`Markdown: ${file.value}`)
})
