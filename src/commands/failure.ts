import * as Schema from "effect/Schema"

/** The command line asks for something impossible; the message says what to do. Exit code 2. */
export class UsageError extends Schema.TaggedError<UsageError>()("UsageError", {
  message: Schema.String,
  /** What there is to choose from, each on a line of its own below the message. */
  choices: Schema.optional(Schema.Array(Schema.String)),
}) {}

/** Another process listens there already. Exit code 2. */
export class PortInUse extends Schema.TaggedError<PortInUse>()("PortInUse", {
  host: Schema.String,
  port: Schema.Int,
  message: Schema.String,
}) {}

/** The command ran, and its result is not the expected one; it has been printed. Exit code 1. */
export class Unexpected extends Schema.TaggedError<Unexpected>()("Unexpected", {}) {}

/** A program that the command has started ended with this code. */
export class ProgramExit extends Schema.TaggedError<ProgramExit>()("ProgramExit", {
  code: Schema.Int,
}) {}
