import * as Schema from "effect/Schema"

/** An address as people give it: `http://127.0.0.1:4318`. */
export const HttpAddress = Schema.String.check(
  Schema.makeFilter((text: string) =>
    /^https?:\/\/[^\s/]+/.test(text) && URL.canParse(text)
      ? undefined
      : "an http or https address is expected, as http://127.0.0.1:4318",
  ),
)
