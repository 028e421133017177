import type { Rule } from "./rule.ts"
import { contextLost } from "./rules/context-lost.ts"
import { disconnectUnseen } from "./rules/disconnect-unseen.ts"
import { scopeClosedEarly } from "./rules/scope-closed-early.ts"
import { serverEndedStream } from "./rules/server-ended-stream.ts"
import { subscriptionLeak } from "./rules/subscription-leak.ts"

/** Every rule, the deepest cause first. A new rule is one file beside its siblings and one line here. */
export const rules: ReadonlyArray<Rule> = [
  scopeClosedEarly,
  contextLost,
  disconnectUnseen,
  subscriptionLeak,
  serverEndedStream,
]

/**
 * Who silences whom: a rule named here is silent about a stream of which another rule speaks. One bug
 * is one finding, named by the deepest rule.
 */
export const silencedByAnyOther: ReadonlySet<string> = new Set([serverEndedStream.name])
