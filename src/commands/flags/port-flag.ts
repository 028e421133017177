import * as Flag from "effect/cli/Flag"
import * as Schema from "effect/Schema"

const Port = Schema.Int.check(
  Schema.isBetween(
    { minimum: 0, maximum: 65_535 },
    { message: "a port from 0 to 65535 is expected" },
  ),
)

/** A port to listen on; 0 takes a free one. */
export const portFlag = (name: string, description: string) =>
  Flag.Int(name).pipe(
    Flag.withMetavar("PORT"),
    Flag.withDescription(description),
    Flag.withSchema(Port),
  )
