import type { Consumer, Exchange, Scope } from "./model.ts"
import type { Micros } from "./time.ts"

/** How soon after it began a stream meets what was released before: 1 s, for those that send much first. */
const soon: Micros = 1_000_000

/**
 * The scope whose closing probably released what a stream read, where nobody traced that: a nested scope
 * of the exchange that held something. Whoever waits for something that is released is told by which
 * fiber, and that fiber was closing the scope at that moment; whoever asks for it afterwards finds it
 * released, as soon as the stream begins or, where the scope closed during its run, at once.
 */
export const scopeThatReleased = (
  exchange: Exchange,
  consumer: Pick<Consumer, "startedAt" | "fiber" | "cutOff">,
): Scope | undefined => {
  const { cutOff } = consumer
  if (cutOff === undefined) return undefined
  return exchange.scopes
    .filter(
      ({ role, finalizers, exit }) => role !== "request" && finalizers > 0 && exit !== "interrupt",
    )
    .filter((scope) => fits(scope, consumer.startedAt, cutOff, cutOff.by === consumer.fiber))
    .at(-1)
}

export const mayBeReleased = (
  exchange: Exchange,
  consumer: Pick<Consumer, "startedAt" | "fiber" | "cutOff">,
): boolean => scopeThatReleased(exchange, consumer) !== undefined

const fits = (
  { closedAt, endedAt, closedByFiber }: Scope,
  startedAt: Micros,
  { at, by }: NonNullable<Consumer["cutOff"]>,
  asked: boolean,
): boolean => {
  if (closedAt === undefined || closedAt > at) return false
  if (asked) return at - Math.max(closedAt, startedAt) <= soon
  return by === closedByFiber && (endedAt === undefined || at <= endedAt + 1_000)
}
