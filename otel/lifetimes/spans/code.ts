import { CODE_FILE, CODE_FUNCTION, CODE_LINE } from "../../attributes.ts"
import { attribute, needed, optional, type PresentIn } from "./field.ts"
import { count, text } from "./notation.ts"

/** The place in the code of a lifetime; `around` is what the function surrounds. */
export const codeOf = (around: string) =>
  optional({
    function: needed(
      attribute(CODE_FUNCTION, text, `The nearest \`Effect.fn\` or \`withSpan\` ${around}.`),
    ),
    file: attribute(CODE_FILE, text, "The file in which that stands."),
    line: attribute(CODE_LINE, count, "The line."),
  })

/** A place in the code of the program. */
export interface CodeLocation extends PresentIn<ReturnType<typeof codeOf>> {}
