import type { Exchange } from "../model.ts"
import { type Held, notYet, type Rule } from "../rule.ts"
import { formatMillis, type Micros, millisBetween } from "../time.ts"

/**
 * The client left, and the server has not noticed. On Bun 1.3.14 `node:http` does not emit `close` on
 * the response when the client disconnects: OpenCode #36311, oven-sh/bun #14697.
 */
export const disconnectUnseen: Rule = {
  name: "disconnect-unseen",
  severity: "error",
  summary: "The client left, and the exchange is still open after the grace period.",
  suggestion: `Nothing in the handler can help: the platform must tell that the connection closed. On Bun use
1.4 or newer, or Node.js. Until then, end what nobody reads after a while:

  events.pipe(Stream.interruptWhen(Effect.sleep("5 minutes")))   // clients reconnect`,
  judge: (exchange, moment) => {
    const { client, endedAt, openUntil } = exchange
    if (endedAt !== undefined || client?.endedBy !== "client") return []
    if (client.endedAt === undefined) return moment.final ? [] : notYet
    const seen = openUntil !== undefined && openUntil - client.endedAt > moment.grace
    if (seen) return [describe(exchange, client.endedAt, openUntil, "certain")]
    if (!moment.final) return notYet
    return moment.now - client.endedAt > moment.grace
      ? [describe(exchange, client.endedAt, moment.now, "likely")]
      : []
  },
}

const describe = (
  exchange: Exchange,
  left: Micros,
  openUntil: Micros,
  confidence: "certain" | "likely",
): Held => {
  const since = (time: Micros) => formatMillis(millisBetween(exchange.startedAt, time))
  const after = formatMillis(millisBetween(left, openUntil))
  const still = confidence === "certain" ? "was still open" : "had sent no end"
  return {
    confidence,
    operation: exchange.name,
    message:
      `The client of ${exchange.route} left at ${since(left)}, and the exchange ${still} ${after} ` +
      "later: the server did not notice, and keeps everything that was acquired for it.",
    evidence: {
      "client.left_ms": millisBetween(exchange.startedAt, left),
      "exchange.open_until_ms": millisBetween(exchange.startedAt, openUntil),
      "http.response.status_code": exchange.status ?? 0,
    },
    consumer: undefined,
    spanIds: [exchange.span.spanId, ...(exchange.client ? [exchange.client.span.spanId] : [])],
  }
}
