import * as Console from "effect/Console"
import * as CliOutput from "effect/cli/CliOutput"
import { printable } from "../../otel/timeline/printable.ts"

/** Help as Effect prints it; a mistake in the command line as one line on stderr, with what to do. */
export const presenter: CliOutput.Presenter = {
  present: (event) => {
    if (event._tag !== "InvalidInvocation") return CliOutput.defaultPresenter.present(event)
    const command = event.commandPath.join(" ")
    const reasons = event.errors.map((error) => error.message.trim().replace(/\s+/g, " "))
    return Console.error(printable(`${reasons.join("; ")} (see ${command} --help)`))
  },
}
