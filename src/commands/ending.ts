import * as Cause from "effect/Cause"
import * as CliError from "effect/cli/CliError"
import type * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import type { SettingsError } from "../../otel/export/settings.ts"
import { printable } from "../../otel/timeline/printable.ts"
import type { NoAnswer } from "../probe/no-answer.ts"
import type { UnreadableSource } from "../recordings/source.ts"
import type { VariantError } from "../server/variant.ts"
import { type PortInUse, ProgramExit, Unexpected, UsageError } from "./failure.ts"

/** How a command ended, for the shell and for the person at it. */
export interface Ending {
  /**
   * 0 as expected, 1 findings or an unexpected result, 2 a mistake in the usage or the input; or the code of a
   * program that it started.
   */
  readonly code: number
  /** What is still to be printed on stderr. */
  readonly message: string | undefined
}

type InputError =
  | UsageError
  | PortInUse
  | SettingsError
  | VariantError
  | NoAnswer
  | UnreadableSource

/** By name: a command loads only the errors that it can end with. */
const inputErrors: Readonly<Record<InputError["_tag"], true>> = {
  UsageError: true,
  PortInUse: true,
  SettingsError: true,
  VariantError: true,
  NoAnswer: true,
  UnreadableSource: true,
}

const isInputError = (error: unknown): boolean =>
  Predicate.hasProperty(error, "_tag") && Object.hasOwn(inputErrors, String(error._tag))

export const endingOf = (exit: Exit.Exit<void, unknown>): Ending => {
  if (exit._tag === "Success") return { code: 0, message: undefined }
  const error = Cause.squash(exit.cause)
  if (error instanceof Unexpected) return { code: 1, message: undefined }
  if (error instanceof ProgramExit) return { code: error.code, message: undefined }
  if (CliError.isCliError(error) && error._tag === "ShowHelp") {
    return { code: error.errors.length === 0 ? 0 : 2, message: undefined }
  }
  const message = [oneLine(error), ...choicesOf(error)].join("\n")
  return { code: isInputError(error) ? 2 : 1, message }
}

const oneLine = (error: unknown): string =>
  printable((error instanceof Error ? error.message : String(error)).trim().replace(/\s+/g, " "))

const choicesOf = (error: unknown): ReadonlyArray<string> =>
  error instanceof UsageError ? (error.choices ?? []).map((choice) => `  ${printable(choice)}`) : []
