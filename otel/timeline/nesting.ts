import type { Exchange, Scope, Subscription } from "../lifetimes/model.ts"

type Member = Scope | Subscription

/** `depth` is 1 directly under the exchange. */
interface NestedLifetime {
  readonly lifetime: Member
  readonly depth: number
}

/**
 * The scopes of an exchange from outside in, each followed by what lives in it, in order of time.
 * Every scope and subscription comes exactly once, whatever parents the spans claim.
 */
export const nestingOf = (exchange: Exchange): ReadonlyArray<NestedLifetime> => {
  const members = membersOf(exchange)
  const inside = byParent(exchange, members)
  const found = new Map<Member, NestedLifetime>()
  // What hangs in a cycle of parents is reached from no root, so every member is a start.
  for (const start of [...(inside.get(undefined) ?? []), ...members]) {
    const waiting: Array<NestedLifetime> = [{ lifetime: start, depth: 1 }]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (found.has(next.lifetime)) continue
      found.set(next.lifetime, next)
      if (next.lifetime.kind === "subscription") continue
      const depth = next.depth + 1
      const children = inside.get(next.lifetime.span.spanId) ?? []
      waiting.push(...children.map((lifetime) => ({ lifetime, depth })).reverse())
    }
  }
  return [...found.values()]
}

const membersOf = (exchange: Exchange): ReadonlyArray<Member> => {
  const members = [...exchange.scopes, ...exchange.subscriptions]
  return members.sort((a, b) => a.startedAt - b.startedAt)
}

/** Members by the span id of the scope they live in; `undefined` if that scope is not in the exchange. */
const byParent = (
  exchange: Exchange,
  members: ReadonlyArray<Member>,
): ReadonlyMap<string | undefined, ReadonlyArray<Member>> => {
  const scopeIds = new Set(exchange.scopes.map((scope) => scope.span.spanId))
  return Map.groupBy(members, (lifetime) => {
    const parent = lifetime.kind === "scope" ? lifetime.parent : lifetime.owner.spanId
    return parent !== undefined && scopeIds.has(parent) ? parent : undefined
  })
}
