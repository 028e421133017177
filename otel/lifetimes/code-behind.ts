import { CODE_FILE, CODE_FUNCTION, CODE_LINE } from "../attributes.ts"
import { asText } from "./attribute-reader.ts"
import type { Evidence } from "./finding.ts"
import { indexed } from "./indexed.ts"
import type { CodeLocation, Exchange } from "./model.ts"
import { scopeOf, subscriptionsOf } from "./relations.ts"

/**
 * The place in the code that a finding is about: the one that its rule names, or the first known place of the
 * lifetimes that it names, or else of their owners. Other lifetimes of its exchange may be innocent.
 */
export const codeBehind = (
  evidence: Evidence,
  spanIds: ReadonlyArray<string>,
  exchange: Exchange,
): CodeLocation | undefined =>
  codeIn(evidence) ??
  codeOfNamed(exchange, spanIds) ??
  firstCode(
    subscriptionsOf(exchange, spanIds).flatMap(
      ({ owner }) => scopeOf(exchange, owner.spanId) ?? [],
    ),
  )

/** The same for a finding about the program, which names these. */
export const codeOfProgram = (
  evidence: Evidence,
  named: ReadonlyArray<Placed>,
): CodeLocation | undefined => codeIn(evidence) ?? firstCode(named)

interface Placed {
  readonly code: CodeLocation | undefined
}

/** What a lifetime owns or did comes before what it only used. */
const placedIn = ({ finalizers, orphans, scopes, subscriptions, queues }: Exchange) =>
  [finalizers, orphans, scopes, subscriptions, queues].flat()

interface Known extends Placed {
  readonly place: number
}

const places = indexed((exchange) => {
  const known = new Map<string, Known>()
  for (const [place, { span, code }] of placedIn(exchange).entries()) {
    if (code !== undefined) known.set(span.spanId, { place, code })
  }
  return known
})

const codeOfNamed = (
  exchange: Exchange,
  spanIds: ReadonlyArray<string>,
): CodeLocation | undefined => {
  const known = places(exchange)
  if (known === undefined) {
    return firstCode(placedIn(exchange).filter(({ span }) => spanIds.includes(span.spanId)))
  }
  let first: Known | undefined
  for (const spanId of spanIds) {
    const named = known.get(spanId)
    if (named !== undefined && named.place < (first?.place ?? Infinity)) first = named
  }
  return first?.code
}

const firstCode = (all: ReadonlyArray<Placed>): CodeLocation | undefined => {
  for (const { code } of all) if (code !== undefined) return code
  return undefined
}

const codeIn = (evidence: Evidence): CodeLocation | undefined => {
  const { [CODE_FUNCTION]: name, [CODE_FILE]: file, [CODE_LINE]: line } = evidence
  if (typeof name !== "string") return undefined
  return { function: name, file: asText(file), line: typeof line === "number" ? line : undefined }
}
