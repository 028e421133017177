import { all, NotYet, ofEach, type Rule } from "../rule.ts"
import { endOfStream } from "../shown-by.ts"
import { sharedWork } from "./upstream-bound/shared-work.ts"
import { shutByReader, shutByReaderOfCall } from "./upstream-bound/shut-by-reader.ts"
import { stoppedFeeder } from "./upstream-bound/stopped-feeder.ts"
import { takenFromCall } from "./upstream-bound/taken-from-call.ts"
import { takenUpstream } from "./upstream-bound/taken-upstream.ts"

export const upstreamBoundToFirstConsumer: Rule<"upstream-bound-to-first-consumer"> = {
  name: "upstream-bound-to-first-consumer",
  severity: "error",
  symptom: "When one client leaves, the streams of other clients end too.",
  summary: "A shared upstream is owned by another exchange, and ends with it.",
  meaning: `A scope of *another* exchange owned what the stream read: a PubSub or a Queue that this scope shut down, or a
subscription that it released. When that scope closed, this stream ended too, although its own client was still there.

The rule also applies in these cases:

- The other exchange had ended before this one began, such as a request that opened a session for it.
- Only one fiber had ever published what the stream reads. Another exchange had started that fiber and read the same
  PubSub, and the fiber was stopped with that exchange. The stream stays open, and no event comes. \`likely\`, because
  the next request may start another fiber.
- A handler or a body waited for what another exchange did (a Deferred, a fiber), and ended with the interrupt that was
  sent to that exchange. If a third request interrupts it, that is intended.
- The program made a PubSub for all when it started, and each exchange of a route that reads it shuts it down at its
  end. So the first one that ends takes it away from all others. \`likely\`. The rule does not apply if that exchange
  makes the next PubSub, or if the program has made others like it since its first request, such as one for each
  conversation.
- A call over RPC ended as soon as such a PubSub was shut down: \`likely\`.

Healthy: exchanges that end together because the program stops, and an upstream that a scope of the program owns.
Also healthy: work that an exchange began, that gave events to its readers after the handler had returned, and that
then ended with success.`,
  suggestion: `Let the program own what requests share; the first request only happens to need it first:

  class Relay extends Context.Service<
    Relay,
    PubSub.PubSub<Event>
  >()("Relay") {
    // its scope is the Layer's
    static readonly layer = Layer.effect(Relay, makeRelay)
  }

If it should live only while somebody reads it, count its readers: RcRef.make({ acquire: makeRelay }).`,
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
          all(
            ofEach(exchange.streams, takenUpstream, exchange, moment),
            ofEach(exchange.subscriptions, takenFromCall, exchange, moment),
          ),
          all(
            ofEach(exchange.streams, shutByReader, exchange, moment),
            ofEach(exchange.subscriptions, shutByReaderOfCall, exchange, moment),
          ),
        )
    return ended instanceof NotYet || ended.length > 0
      ? ended
      : ofEach(exchange.streams, stoppedFeeder, exchange, moment)
  },
}
