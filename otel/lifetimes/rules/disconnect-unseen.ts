import { known } from "../known-evidence.ts"
import type { Client, Exchange } from "../model.ts"
import { type Moment, notYetUnless, type Rule, type RuleHit, type Verdict } from "../rule.ts"
import { formatMillis, type Micros, millisBetween, timesSince } from "../time.ts"

export const disconnectUnseen: Rule<"disconnect-unseen"> = {
  name: "disconnect-unseen",
  severity: "error",
  symptom: "Clients disconnect, but the number of open streams on the server keeps growing.",
  summary: "The client left, and the exchange is still open after the grace period.",
  meaning: `The client left, and the exchange was still open after the grace period. There are two ways to know that the
client left:

- The platform's own connection or request says so, and Effect was not told within the grace period: \`certain\`.
- The client's own span says so. \`certain\` if an open marker of the server is later than that, or if only a
  shutdown ended the exchange. \`likely\` if no end has come. The rule compares only durations of the two spans,
  because two clocks never agree.

A slow teardown is another case: there Effect was told. Everything that was acquired for the exchange stays open, so
this rule silences the rules that would report it.`,
  suggestion: `The platform must tell that the connection closed. Nothing in the handler can help. On Bun, use 1.4 or newer,
or run the program on Node.js. On Node.js, look for what keeps the \`close\` event of the response from Effect, such as a
wrapper around the server or the response. Until then, end every stream after a while:

  // its client connects again
  events.pipe(Stream.interruptWhen(Effect.sleep("5 minutes")))`,
  incidents: [
    {
      title: "OpenCode #36311",
      url: "https://github.com/anomalyco/opencode/issues/36311",
      story: "On Bun 1.3.14 the server never noticed that clients of its event stream had left.",
    },
    {
      title: "oven-sh/bun #14697",
      url: "https://github.com/oven-sh/bun/issues/14697",
      story: "`node:http` did not emit `close` on the response when the client disconnected.",
    },
  ],
  shownBy: {
    what: "a client that left by the platform's word or its own span, and an end of the exchange by that",
    has: ({ client, clientLeftAt, endedBy }) =>
      (client?.endedBy === "client" || clientLeftAt !== undefined) && endedBy === "client",
  },
  judge: (exchange, moment) => {
    const { client, endedAt, openUntil } = exchange
    if (exchange.clientLeftAt !== undefined)
      return judgeLeft(exchange, exchange.clientLeftAt, moment)
    if (client?.endedBy !== "client") return []
    if (client.endedAt === undefined) return notYetUnless(moment)
    const left = leftAt(exchange, client, client.endedAt)
    const open = (until: Micros | undefined) => until !== undefined && until - left > moment.grace
    if (endedAt !== undefined) {
      const unseen = exchange.endedBy === "shutdown" && open(endedAt)
      return unseen ? [describe(exchange, left, endedAt, "certain")] : []
    }
    if (openUntil !== undefined && open(openUntil)) {
      return [describe(exchange, left, openUntil, "certain")]
    }
    if (!moment.final) return notYetUnless(moment)
    return open(moment.now) ? [describe(exchange, left, moment.now, "likely")] : []
  },
}

/** By the server's own clock, which also says until when it is open. */
const judgeLeft = (exchange: Exchange, left: Micros, moment: Moment): Verdict => {
  const { leaveSeenAt, endedAt, openUntil } = exchange
  const until = leaveSeenAt ?? endedAt ?? openUntil ?? moment.now
  if (until - left > moment.grace) return [describe(exchange, left, until, "certain")]
  const isOver = leaveSeenAt !== undefined || endedAt !== undefined
  return isOver ? [] : notYetUnless(moment, left + moment.grace + 1)
}

/**
 * In the server's time, whatever the client's clock says. A client begins before its exchange does, so this is
 * the latest moment at which it can have left.
 */
const leftAt = (exchange: Exchange, client: Client, clientEnd: Micros): Micros =>
  exchange.startedAt + clientEnd - client.startedAt

const describe = (
  exchange: Exchange,
  left: Micros,
  openUntil: Micros,
  confidence: "certain" | "likely",
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  const after = formatMillis(millisBetween(left, openUntil))
  const still = confidence === "certain" ? "was still open" : "had sent no end"
  return {
    confidence,
    operation: exchange.name,
    message:
      `The client of ${exchange.route} left at ${text(left)}, and the exchange ${still} ${after} ` +
      "later: the server did not notice, and keeps everything that was acquired for it.",
    evidence: {
      "client.left_ms": millis(left),
      "exchange.open_until_ms": millis(openUntil),
      ...known({ "http.response.status_code": exchange.status }),
    },
    stream: undefined,
    spanIds: [exchange.span.spanId, ...(exchange.client ? [exchange.client.span.spanId] : [])],
  }
}
