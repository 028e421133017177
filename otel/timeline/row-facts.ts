/** What a row says of its lifetime in a few words. */
import { spanName } from "../attributes.ts"
import { counted } from "../lifetimes/counted.ts"
import type { Client, Consumer, Exchange, Resource } from "../lifetimes/model.ts"
import type { ClientEnd, ConsumerEnd } from "../lifetimes/terms.ts"

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

export const resourceFacts = (exchange: Exchange, resource: Resource): ReadonlyArray<string> => {
  const { owner } = resource
  if (resource.endedAt === undefined) {
    if (owner.name === "") return ["still held"]
    const holder = owner.spanId === undefined ? owner.name : spanName.scope(owner.name)
    return [`still held by ${holder}`]
  }
  const closer = exchange.scopes.find((scope) => scope.span.spanId === resource.releasedBy)
  return [closer === undefined ? "released" : `released by ${spanName.scope(closer.name)}`]
}

const consumerEnds: Readonly<Record<Exclude<ConsumerEnd, "failure">, string>> = {
  upstream: "upstream ended",
  released: "cut off",
  client: "the client left",
  shutdown: "the server shut down",
}

export const consumerFacts = ({ events, endedBy, failure }: Consumer): ReadonlyArray<string> => {
  const count = counted(events, "event")
  if (endedBy === undefined) return [count]
  if (endedBy !== "failure") return [count, consumerEnds[endedBy]]
  return ["failed", count, ...(failure === undefined ? [] : [failure.message])]
}
