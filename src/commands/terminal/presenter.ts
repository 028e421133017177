import * as Console from "effect/Console"
import type * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { printable } from "../../../otel/timeline/printable.ts"
import { exitCodesOf } from "../exit-codes.ts"
import { didYouMean, nearest } from "../flags/nearest.ts"

/** Help as Effect prints it, with exit codes; a mistake in the command line as one line on stderr, with what to do. */
const presenter: CliOutput.Presenter = {
  present: (event) => {
    if (event._tag === "Help") {
      const shown = CliOutput.defaultPresenter.present(event)
      return Effect.andThen(shown, showExitCodes(event.commandPath))
    }
    if (event._tag !== "InvalidInvocation") return CliOutput.defaultPresenter.present(event)
    const command = event.commandPath.join(" ")
    const reasons = event.errors.map((error) => reasonOf(error).trim().replace(/\s+/g, " "))
    const hint = event.errors.some(({ _tag }) => _tag === "UnrecognizedOption")
      ? (hintOfCommand[command] ?? "")
      : ""
    return Console.error(printable(`${reasons.join("; ")} (see ${command} --help)${hint}`))
  },
}

/** What somebody may have meant by a flag that the command does not have. */
const hintOfCommand: Readonly<Record<string, string>> = {
  "scopeline watch":
    ". Is it a flag of your program? Write -- before your command: scopeline watch -- node --inspect main.js",
}

const showExitCodes = (path: ReadonlyArray<string>): Effect.Effect<void> => {
  const codes = exitCodesOf(path)
  if (codes.length === 0) return Effect.void
  const heading = Effect.map(TerminalCapabilities.TerminalCapabilities, ({ canColor }) =>
    canColor ? "\u001b[1mEXIT CODES\u001b[0m" : "EXIT CODES",
  )
  return Effect.flatMap(heading, (text) =>
    Console.log(["", text, ...codes.map(([code, meaning]) => `  ${code}  ${meaning}`)].join("\n")),
  )
}

/** Before 4.1 Effect prints both in its own way. */
export const layerPresenter: Layer.Layer<never> =
  "layerPresenter" in CliOutput ? CliOutput.layerPresenter(presenter) : Layer.empty

/** What Effect does not suggest: it is in no list of commands or flags of its own. */
const ofRoot = ["help"]
const ofEveryCommand = ["--help", "--version", "--wizard", "--completions", "--log-level"]

const suggestionsFor = (
  error: CliError.UnrecognizedOption | CliError.UnknownSubcommand,
): ReadonlyArray<string> => {
  if (error.suggestions.length > 0) return error.suggestions
  if (error._tag === "UnrecognizedOption") return nearest(error.option, ofEveryCommand)
  return error.parent?.length === 1 ? nearest(error.subcommand, ofRoot) : []
}

const reasonOf = (error: CliError.NonShowHelpErrors): string => {
  if (error._tag === "UnrecognizedOption" || error._tag === "UnknownSubcommand") {
    const [text = ""] = error.message.split("\n")
    return text.trim() + didYouMean(suggestionsFor(error))
  }
  return error._tag === "InvalidValue" ? whyRefused(error) : error.message
}

/** What was given for what, and what is expected instead. */
const whyRefused = ({ kind, option, value, expected }: CliError.InvalidValue): string => {
  const parameter = kind === "argument" ? option : `--${option}`
  const given = value === "" ? "needs a value" : JSON.stringify(value)
  const choices = choicesOf(expected)
  if (choices.length > 0) {
    return `${parameter} ${given}: one of ${choices.join(", ")} is expected${didYouMean(nearest(value, choices))}`
  }
  const what = expected
    .replace(/^Schema validation failed: /, "")
    .replace(/^Expected (?:a string representing )?(.*)$/s, "$1 is expected")
  return `${parameter} ${given}: ${what}`
}

/** Effect writes a choice as `"bash" | "zsh"`. */
const choicesOf = (expected: string): ReadonlyArray<string> =>
  /^"[^"]*"(?: \| "[^"]*")+$/.test(expected.trim())
    ? expected
        .trim()
        .split(" | ")
        .map((choice) => choice.slice(1, -1))
    : []
