import type { Exchange, StreamRun } from "./model.ts"
import { type Moment, notYetUnless, type RuleHit, type Verdict } from "./rule.ts"
import { stalledSince } from "./stalled-since.ts"
import type { Micros } from "./time.ts"

/** Holds if the stream stayed open for longer than the grace period after that moment. */
export const judgeOpenSince = (
  exchange: Exchange,
  stream: StreamRun,
  since: Micros,
  moment: Moment,
  hit: (openUntil: Micros) => RuleHit,
): Verdict => {
  const openUntil = stream.endedAt ?? exchange.openUntil ?? moment.now
  const due = since + moment.grace + stalledSince(since, exchange)
  if (openUntil > due) return [hit(openUntil)]
  return stream.endedAt === undefined ? notYetUnless(moment, due) : []
}
