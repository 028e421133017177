import * as Schema from "effect/Schema"

/** A place in the code of the program, as far as it is known. */
export const CodeLocation = Schema.Struct({
  function: Schema.String,
  file: Schema.UndefinedOr(Schema.String),
  line: Schema.UndefinedOr(Schema.Number),
})

export interface CodeLocation extends Schema.Schema.Type<typeof CodeLocation> {}
