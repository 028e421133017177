import * as Console from "effect/Console"
import type * as Effect from "effect/Effect"

const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * A document as JSON, in which every control, format and bidirectional character is escaped: names
 * come from outside, and the document may be printed in a terminal.
 */
export const jsonText = (document: unknown): string => printableJson(document, 2)

const printableJson = (document: unknown, indent: number): string =>
  JSON.stringify(document, undefined, indent).replace(unprintable, (character) =>
    character === "\n" ? character : escaped(character),
  )

const escaped = (character: string): string => {
  let text = ""
  for (let unit = 0; unit < character.length; unit++) {
    text += `\\u${character.charCodeAt(unit).toString(16).padStart(4, "0")}`
  }
  return text
}

/** Prints the one document of a command that was asked for JSON. */
export const printJson = (document: unknown): Effect.Effect<void> => Console.log(jsonText(document))

/** Prints one of the documents of a command that prints a line for each. */
export const printJsonLine = (document: unknown): Effect.Effect<void> =>
  Console.log(printableJson(document, 0))
