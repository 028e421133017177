import * as Schema from "effect/Schema"
import type { Exchange, Scope } from "../lifetimes/model.ts"

/** A place in the code of the program, as far as it is known. */
export const CodeLocation = Schema.Struct({
  function: Schema.String,
  file: Schema.UndefinedOr(Schema.String),
  line: Schema.UndefinedOr(Schema.Number),
})

export interface CodeLocation extends Schema.Schema.Type<typeof CodeLocation> {}

/** `subscribe, /app/event.ts:12` */
export const codeText = ({ function: name, file, line }: CodeLocation): string =>
  [name, file === undefined ? undefined : [file, line].filter((it) => it !== undefined).join(":")]
    .filter((it) => it !== undefined)
    .join(", ")

/**
 * Where the scope was opened that a finding is about: one that it names, the owner of a subscription that
 * it names, or else the first of its exchange that is known.
 */
export const codeBehind = (
  { scopes, subscriptions }: Exchange,
  spanIds: ReadonlyArray<string>,
): CodeLocation | undefined => {
  const named = (ids: ReadonlyArray<string | undefined>) =>
    scopes.filter(({ span }) => ids.includes(span.spanId))
  const owners = subscriptions
    .filter(({ span }) => spanIds.includes(span.spanId))
    .map(({ owner }) => owner.spanId)
  return [named(spanIds), named(owners), scopes].map(firstCode).find((code) => code !== undefined)
}

const firstCode = (scopes: ReadonlyArray<Scope>): CodeLocation | undefined =>
  scopes.find(({ code }) => code !== undefined)?.code
