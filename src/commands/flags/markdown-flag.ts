import * as Config from "effect/Config"
import * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { markdownMark } from "../../page/view/markdown-document.ts"
import { whyNotWrite } from "./result-file.ts"

/** The Markdown is all that is printed. */
export const isPrinted = (file: string): boolean => file === "-"

/** The summary of a step of GitHub Actions: what is there already stays. */
export const stepSummary: Effect.Effect<string | undefined> = Effect.orElseSucceed(
  Config.String("GITHUB_STEP_SUMMARY"),
  () => undefined,
)

const refuse = Effect.fnUntraced(function* (file: string) {
  if (isPrinted(file) || file === (yield* stepSummary)) return
  const expected = yield* whyNotWrite(file, { name: "Markdown", mark: markdownMark })
  if (expected === undefined) return
  return yield* new CliError.InvalidValue({
    option: "markdown",
    value: file,
    expected,
    kind: "flag",
  })
})

export const markdownFlag = Flag.String("markdown").pipe(
  Flag.withDescription("Write the findings as Markdown to this file; - prints them"),
  Flag.withMetavar("FILE"),
  Flag.mapEffect((file) => Effect.as(refuse(file), file)),
  Flag.optional,
)
