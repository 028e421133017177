import * as Schema from "effect/Schema"

/** Nothing that speaks HTTP listens at the address. */
export class NoAnswer extends Schema.TaggedError<NoAnswer>()("NoAnswer", {
  server: Schema.String,
  /** What the system said, as `ECONNREFUSED`, where it is known. */
  reason: Schema.optional(Schema.String),
}) {
  override get message(): string {
    const reason = this.reason === undefined ? "" : ` (${this.reason})`
    return `${this.server} does not answer${reason}: start the server, or correct the address.`
  }
}
