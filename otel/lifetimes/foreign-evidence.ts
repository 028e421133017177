/** How lifetimes of other exchanges, and of the program, are related to a finding. */
import type { Exchange, StreamRun, Subscription } from "./model.ts"
import type { SpanReference } from "./span.ts"
import type { EvidenceRole } from "./terms.ts"
import type { Micros } from "./time.ts"

/** It took something away from the exchange at that moment. Its span is sent because another span names it. */
interface ForeignEvidence {
  readonly span: SpanReference
  readonly role: EvidenceRole
  readonly at: Micros
}

/** In the order of the streams and subscriptions that the finding is about, or of all of its exchange. */
export const foreignEvidence = (
  exchange: Exchange | undefined,
  streams: ReadonlyArray<StreamRun>,
  subscriptions: ReadonlyArray<Subscription>,
): ReadonlyArray<ForeignEvidence> => [
  ...(interrupted(exchange) ?? []),
  ...subscriptions.flatMap((subscription) => shutDown(subscription) ?? []),
  ...streams.flatMap((stream) => released(stream) ?? queueShut(stream) ?? []),
]

/** A scope of the program interrupted what the exchange waited for. That scope becomes a span. */
const interrupted = (
  exchange: Exchange | undefined,
): ReadonlyArray<ForeignEvidence> | undefined => {
  if (exchange?.cutOff?.by === undefined || !isOfProgram(exchange.cutOff.by)) return undefined
  return [{ span: exchange.cutOff.by.span, role: "cause", at: exchange.cutOff.at }]
}

/** A scope of the program becomes a span if it had shut the PubSub down before somebody subscribed. */
const shutDown = ({ sourceEnd, startedAt }: Subscription): ForeignEvidence | undefined => {
  if (sourceEnd?.by === undefined) return undefined
  const { at, by } = sourceEnd
  const isSent = by.belongsTo === "another exchange" || (isOfProgram(by) && at <= startedAt)
  return isSent ? { span: by.span, role: "cause", at } : undefined
}

const released = ({ endedByForeign, endedAt }: StreamRun): ForeignEvidence | undefined => {
  if (endedByForeign === undefined || endedAt === undefined) return undefined
  const { subscription, releasedFor = 0 } = endedByForeign
  return { span: subscription, role: "released", at: endedAt - releasedFor }
}

const queueShut = ({ shutQueue, endedBy }: StreamRun): ForeignEvidence | undefined => {
  if (shutQueue?.by === undefined) return undefined
  const { at, by } = shutQueue
  const isSent = by.belongsTo === "another exchange" || (isOfProgram(by) && endedBy === "released")
  return isSent ? { span: by.span, role: "cause", at } : undefined
}

const isOfProgram = ({ belongsTo }: { readonly belongsTo: string }) => belongsTo === "the program"
