import { CODE_FILE, CODE_FUNCTION, CODE_LINE } from "../attributes.ts"
import { asText } from "./attribute-reader.ts"
import type { Evidence } from "./finding.ts"
import type { CodeLocation, Exchange, OrphanFiber } from "./model.ts"

/**
 * Where that stands in the code which a finding is about: what its rule says, or the first that is known of
 * the lifetimes that it names, or else of what owns them. Other lifetimes of its exchange may be innocent.
 */
export const codeBehind = (
  evidence: Evidence,
  spanIds: ReadonlyArray<string>,
  lifetimes: Pick<Exchange, "scopes" | "subscriptions" | "queues" | "finalizers" | "orphans">,
): CodeLocation | undefined => {
  const { scopes, subscriptions, queues, finalizers, orphans } = lifetimes
  const named = [...finalizers, ...orphans, ...scopes, ...subscriptions, ...queues].filter(
    ({ span }) => spanIds.includes(span.spanId),
  )
  const owners = new Set(
    subscriptions
      .filter(({ span }) => spanIds.includes(span.spanId))
      .map(({ owner }) => owner.spanId),
  )
  return (
    codeIn(evidence) ??
    firstCode(named) ??
    firstCode(scopes.filter(({ span }) => owners.has(span.spanId)))
  )
}

/** The same of a finding about the program. */
export const codeOfProgram = (
  evidence: Evidence,
  spanIds: ReadonlyArray<string>,
  orphans: ReadonlyArray<OrphanFiber>,
): CodeLocation | undefined =>
  codeBehind(evidence, spanIds, {
    scopes: [],
    subscriptions: [],
    queues: [],
    finalizers: [],
    orphans,
  })

const firstCode = (
  all: ReadonlyArray<{ readonly code: CodeLocation | undefined }>,
): CodeLocation | undefined => {
  for (const { code } of all) if (code !== undefined) return code
  return undefined
}

const codeIn = (evidence: Evidence): CodeLocation | undefined => {
  const { [CODE_FUNCTION]: name, [CODE_FILE]: file, [CODE_LINE]: line } = evidence
  if (typeof name !== "string") return undefined
  return { function: name, file: asText(file), line: typeof line === "number" ? line : undefined }
}
