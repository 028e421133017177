import * as Cause from "effect/Cause"
import * as CliError from "effect/cli/CliError"
import type * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { SettingsError } from "../../otel/index.ts"
import { printable } from "../../otel/timeline/printable.ts"
import { NoAnswer } from "../probe/no-answer.ts"
import { UnreadableSource } from "../recordings/source.ts"
import { VariantError } from "../server/variant.ts"
import { PortInUse, Unexpected, UsageError } from "./failure.ts"

/** How a command ended, for the shell and for the person at it. */
export interface Ending {
  /** 0 as expected, 1 findings or an unexpected result, 2 usage or input error. */
  readonly code: 0 | 1 | 2
  /** What is still to be said on stderr. */
  readonly message: string | undefined
}

const isInputError = Schema.is(
  Schema.Union([UsageError, PortInUse, SettingsError, VariantError, NoAnswer, UnreadableSource]),
)

export const endingOf = (exit: Exit.Exit<void, unknown>, verbose: boolean): Ending => {
  if (exit._tag === "Success") return { code: 0, message: undefined }
  const error = Cause.squash(exit.cause)
  if (error instanceof Unexpected) return { code: 1, message: undefined }
  if (CliError.isCliError(error) && error._tag === "ShowHelp") {
    return { code: error.errors.length === 0 ? 0 : 2, message: undefined }
  }
  const message = verbose
    ? Cause.pretty(exit.cause)
        .split("\n")
        .map((line) => printable(line))
        .join("\n")
    : [oneLine(error), ...choicesOf(error)].join("\n")
  return isInputError(error) ? { code: 2, message } : { code: 1, message }
}

const oneLine = (error: unknown): string =>
  printable((error instanceof Error ? error.message : String(error)).trim().replace(/\s+/g, " "))

const choicesOf = (error: unknown): ReadonlyArray<string> =>
  error instanceof UsageError ? (error.choices ?? []).map((choice) => `  ${printable(choice)}`) : []
