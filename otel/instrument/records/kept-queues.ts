import type { ExchangeRecord, QueueRecord } from "./record.ts"
import type { Review } from "./review.ts"

/** For one exchange: a stream that is open for days may read one queue for each message. */
const queuesKept = 256

interface QueueKeeper {
  readonly review: Pick<Review, "judge">
}

/** Lists a queue with its exchange, which forgets others if it has too many. */
export const keepQueue = (
  keeper: QueueKeeper,
  exchange: ExchangeRecord,
  queue: QueueRecord,
): void => {
  if (exchange.queues.length >= queuesKept) forgetSome(keeper, exchange)
  exchange.queues.push(queue)
}

/**
 * Ended queues, except the last one, which answers for them. Of many queues that nobody ends, the older ones.
 */
const forgetSome = ({ review }: QueueKeeper, exchange: ExchangeRecord): void => {
  review.judge(exchange) // a finding about what is forgotten must not be lost
  const { queues } = exchange
  const half = queuesKept / 2
  const over = queues.filter(({ endedAt }) => endedAt !== undefined).slice(0, -1)
  const gone = over.length < half ? queues.slice(0, half) : over
  const kept = queues.filter((queue) => !gone.includes(queue))
  queues.splice(0, queues.length, ...kept)
  for (const queue of gone) queue.letGo()
}
