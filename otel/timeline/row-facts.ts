/** The facts about a lifetime in a few words: how much there was of it, and how it ended. */
import { spanName } from "../attributes.ts"
import { counted } from "../lifetimes/counted.ts"
import { oneLine } from "../lifetimes/error-text.ts"
import type {
  Client,
  Exchange,
  Finalizer,
  Queue,
  StreamRun,
  Subscription,
} from "../lifetimes/model.ts"
import { scopeOf } from "../lifetimes/relations.ts"
import type { ClientEnd, StreamEnd } from "../lifetimes/terms.ts"

export const clientEnds: Readonly<Record<ClientEnd, string>> = {
  client: "the client left",
  server: "the server ended it",
  shutdown: "the server shut down",
  error: "the connection broke",
}

/** The end of the text about a client that also received events that nobody published. */
export const ownEvents = " own"

export interface Facts {
  /** The most telling first. */
  readonly all: ReadonlyArray<string>
  /**
   * The facts in which two runs of the same program agree, whatever was published and however long they took.
   */
  readonly outcome: ReadonlyArray<string>
}

/** The facts of a row that says only how it ended. */
export const outcomeAlone = (all: ReadonlyArray<string>): Facts => ({ all, outcome: all })

/** How much there was is chance. Only that there was nothing is not. */
const amount = (count: number): string => (count === 0 ? "nothing" : "something")

export const clientFacts = ({ events, ownEvents: own, endedBy }: Client): Facts => {
  const end = endedBy === undefined ? [] : [clientEnds[endedBy]]
  const besides = own === 0 ? "" : ` + ${own}${ownEvents}`
  const received = `received ${counted(events, "event")}${besides}`
  return { all: [received, ...end], outcome: [amount(events), ...end] }
}

export const exchangeFacts = ({ status, endedBy }: Exchange): Facts =>
  outcomeAlone([
    ...(status === undefined ? [] : [`status ${status}`]),
    ...(endedBy === undefined
      ? []
      : [endedBy === "shutdown" ? "the server shut down" : `ended by the ${endedBy}`]),
  ])

export const subscriptionFacts = (exchange: Exchange, subscription: Subscription): Facts => {
  const { owner } = subscription
  if (subscription.endedAt === undefined) {
    if (owner.name === "") return outcomeAlone(["still held"])
    const holder = owner.spanId === undefined ? owner.name : spanName.scope(owner.name)
    return outcomeAlone([`still held by ${holder}`])
  }
  const closer = scopeOf(exchange, subscription.releasedBy)
  return outcomeAlone([
    closer === undefined ? "released" : `released by ${spanName.scope(closer.name)}`,
  ])
}

export const finalizerFacts = ({ what, scope, endedAt, removed }: Finalizer): Facts => {
  const place = `${what} in ${spanName.scope(scope)}`
  if (endedAt === undefined) return outcomeAlone(["still there", place])
  return outcomeAlone([removed ? "removed" : "its scope closed", place])
}

export const queueFacts = ({ backlog, finished, feederFailed }: Queue): Facts => {
  const outcome = [
    ...(feederFailed === undefined ? [] : ["fed by a fiber that failed"]),
    ...(finished ? ["ended"] : []),
  ]
  return { all: backlog === 0 ? outcome : [...outcome, `${backlog} waited`], outcome }
}

const streamEnds: Readonly<Record<Exclude<StreamEnd, "failure">, string>> = {
  upstream: "upstream ended",
  released: "cut off",
  client: "the client left",
  shutdown: "the server shut down",
}

export const streamFacts = ({ events, endedBy, failure }: StreamRun): Facts => {
  const count = counted(events, "event")
  const some = amount(events)
  if (endedBy === undefined) return { all: [count], outcome: [some] }
  if (endedBy !== "failure") {
    return { all: [count, streamEnds[endedBy]], outcome: [some, streamEnds[endedBy]] }
  }
  const why = failure === undefined ? [] : [oneLine(failure.message)]
  return { all: ["failed", count, ...why], outcome: ["failed", some, ...why] }
}
