import * as Schema from "effect/Schema"

/** An address as people give it; who gives none is told of one that could be meant. */
export const httpAddress = (example: string) =>
  Schema.String.check(
    Schema.makeFilter((text: string) =>
      /^https?:\/\/[^\s/]+/.test(text) && URL.canParse(text)
        ? undefined
        : `an http or https address is expected, as ${example}`,
    ),
  )
