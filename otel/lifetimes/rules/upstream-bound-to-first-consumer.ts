import { all, NotYet, ofEach, type Rule } from "../rule.ts"
import { endOfStream } from "../shown-by.ts"
import { sharedWork } from "./upstream-bound/shared-work.ts"
import { stoppedFeeder } from "./upstream-bound/stopped-feeder.ts"
import { takenFromCall } from "./upstream-bound/taken-from-call.ts"
import { takenUpstream } from "./upstream-bound/taken-upstream.ts"

export const upstreamBoundToFirstConsumer: Rule<"upstream-bound-to-first-consumer"> = {
  name: "upstream-bound-to-first-consumer",
  severity: "error",
  symptom: "When one client leaves, the streams of other clients end too.",
  summary: "A shared upstream is owned by another exchange, and ends with it.",
  meaning: `What the stream read was owned by a scope of *another* exchange: a PubSub that this scope
shut down, or a subscription that it released. When that exchange ended, so did this stream, although
its own client was still there. Exchanges that end together because the program stops are healthy, and
so is an upstream that a scope of the program owns. The rule also holds if
only one fiber had ever published what the stream reads, if another exchange had started it and read that itself,
and if it was stopped with that exchange: the stream stays open, and no event comes. That is \`likely\`, because
the next request may start another. And it holds if a handler or a body waited for what another exchange did (a
Deferred, a fiber), and ended with the interrupt that was sent to that exchange. What a third request interrupts
is called off on purpose. It is \`likely\` of a call over RPC that ended as soon as such a PubSub was shut down.`,
  suggestion: `Let the program own what requests share; the first request only happens to need it first:

  class Relay extends Context.Service<
    Relay,
    PubSub.PubSub<Event>
  >()("Relay") {
    // its scope is the Layer's
    static readonly layer = Layer.effect(Relay, makeRelay)
  }

Where it should live only while somebody reads it, count readers: RcRef.make({ acquire: makeRelay }).`,
  incidents: [
    {
      title: "Effect #3187",
      url: "https://github.com/Effect-TS/effect/issues/3187",
      story:
        "A fiber started with `forkScoped` by the first run of a shared stream belonged to that " +
        "run's scope, and stopped for everybody when it ended: works as designed, and catches people.",
    },
    {
      title: "undici #5711",
      url: "https://github.com/nodejs/undici/issues/5711",
      story:
        "Callers that waited for the same answer failed when the one that had asked first gave up.",
    },
  ],
  shownBy: endOfStream,
  judge: (exchange, moment) => {
    const isPlanned = exchange.endedBy === "client" || exchange.endedBy === "shutdown"
    const shared = isPlanned ? undefined : sharedWork(exchange)
    if (shared !== undefined) return [shared]
    const ended = isPlanned
      ? []
      : all(
          ofEach(exchange.streams, takenUpstream, exchange, moment),
          ofEach(exchange.subscriptions, takenFromCall, exchange, moment),
        )
    return ended instanceof NotYet || ended.length > 0
      ? ended
      : ofEach(exchange.streams, stoppedFeeder, exchange, moment)
  },
}
