import { CODE_FUNCTION } from "../attributes.ts"
import type { Finding } from "../lifetimes/finding.ts"
import type { CodeLocation, Exchange, Scope } from "../lifetimes/model.ts"

/** `subscribe, /app/event.ts:12` */
export const codeText = ({ function: name, file, line }: CodeLocation): string =>
  [name, file === undefined ? undefined : [file, line].filter((it) => it !== undefined).join(":")]
    .filter((it) => it !== undefined)
    .join(", ")

/**
 * Where the scope was opened that a finding is about: one that it names, or the owner of a subscription
 * that it names. A finding that names neither has no place: its exchange's scopes may be innocent.
 */
export const codeBehind = (
  { scopes, subscriptions, finalizers }: Exchange,
  spanIds: ReadonlyArray<string>,
): CodeLocation | undefined => {
  const named = (ids: ReadonlyArray<string | undefined>) =>
    scopes.filter(({ span }) => ids.includes(span.spanId))
  const owners = subscriptions
    .filter(({ span }) => spanIds.includes(span.spanId))
    .map(({ owner }) => owner.spanId)
  const left = finalizers.filter(({ span }) => spanIds.includes(span.spanId))
  return [left, named(spanIds), named(owners)].map(firstCode).find((code) => code !== undefined)
}

const firstCode = (scopes: ReadonlyArray<Pick<Scope, "code">>): CodeLocation | undefined =>
  scopes.find(({ code }) => code !== undefined)?.code

/** The finding with the place in the code among its evidence, where that is known and not told anyway. */
export const withPlaceInCode = (finding: Finding, exchange: Exchange | undefined): Finding => {
  const code = exchange && codeBehind(exchange, finding.examples[0]?.spanIds ?? [])
  if (code === undefined || CODE_FUNCTION in finding.evidence) return finding
  return { ...finding, evidence: { "opened in": codeText(code), ...finding.evidence } }
}
