import * as Schema from "effect/Schema"

/** An address as people write it. The error has an example. */
export const httpAddress = (example: string) =>
  Schema.String.check(
    Schema.makeFilter((text: string) =>
      /^https?:\/\/[^\s/]+/.test(text) && URL.canParse(text)
        ? undefined
        : `an http or https address is expected, as ${example}`,
    ),
  )
