/** What a row says of its lifetime in a few words. */
import { spanName } from "../attributes.ts"
import { counted } from "../lifetimes/counted.ts"
import type {
  Client,
  Exchange,
  Finalizer,
  Queue,
  StreamRun,
  Subscription,
} from "../lifetimes/model.ts"
import type { ClientEnd, StreamEnd } from "../lifetimes/terms.ts"

export const clientEnds: Readonly<Record<ClientEnd, string>> = {
  client: "the client left",
  server: "the server ended it",
  shutdown: "the server shut down",
  error: "the connection broke",
}

/** Ends what is said of a client to which its server also sent events of its own accord. */
export const ownEvents = " own"

export const clientFacts = (client: Client): ReadonlyArray<string> => [
  `received ${counted(client.events, "event")}` +
    (client.ownEvents === 0 ? "" : ` + ${client.ownEvents}${ownEvents}`),
  ...(client.endedBy === undefined ? [] : [clientEnds[client.endedBy]]),
]

export const exchangeFacts = ({ status, endedBy }: Exchange): ReadonlyArray<string> => [
  ...(status === undefined ? [] : [`status ${status}`]),
  ...(endedBy === undefined
    ? []
    : [endedBy === "shutdown" ? "the server shut down" : `ended by the ${endedBy}`]),
]

export const subscriptionFacts = (
  exchange: Exchange,
  subscription: Subscription,
): ReadonlyArray<string> => {
  const { owner } = subscription
  if (subscription.endedAt === undefined) {
    if (owner.name === "") return ["still held"]
    const holder = owner.spanId === undefined ? owner.name : spanName.scope(owner.name)
    return [`still held by ${holder}`]
  }
  const closer = exchange.scopes.find((scope) => scope.span.spanId === subscription.releasedBy)
  return [closer === undefined ? "released" : `released by ${spanName.scope(closer.name)}`]
}

export const finalizerFacts = ({
  what,
  scope,
  endedAt,
  removed,
}: Finalizer): ReadonlyArray<string> => {
  const place = `${what} in ${spanName.scope(scope)}`
  if (endedAt === undefined) return ["still there", place]
  return [removed ? "removed" : "its scope closed", place]
}

export const queueFacts = ({ backlog, finished, feederFailed }: Queue): ReadonlyArray<string> => [
  ...(feederFailed === undefined ? [] : ["fed by a fiber that failed"]),
  ...(finished ? ["ended"] : []),
  ...(backlog === 0 ? [] : [`${backlog} waited`]),
]

const streamEnds: Readonly<Record<Exclude<StreamEnd, "failure">, string>> = {
  upstream: "upstream ended",
  released: "cut off",
  client: "the client left",
  shutdown: "the server shut down",
}

export const streamFacts = ({ events, endedBy, failure }: StreamRun): ReadonlyArray<string> => {
  const count = counted(events, "event")
  if (endedBy === undefined) return [count]
  if (endedBy !== "failure") return [count, streamEnds[endedBy]]
  return ["failed", count, ...(failure === undefined ? [] : [failure.message])]
}
