import type { Exchange, Scope, StreamRun } from "./model.ts"
import type { Micros } from "./time.ts"

/** How soon after it began a stream meets what was released before: 1 s, for those that send much first. */
const soon: Micros = 1_000_000

/**
 * The scope whose closing probably released what a stream read, where nobody traced that: a nested scope
 * of the exchange that held something. Whoever waits for something that is released is told by which
 * fiber, and that fiber was closing the scope at that moment: one that is older than the stream, whose own
 * parts close under their forks when they are done. Whoever asks for it afterwards finds it released, as
 * soon as the stream begins or, where the scope closed during its run, at once. Of several it is the one
 * that closed last: those inside of it closed before. One that had closed before the exchange entered it
 * releases at once whatever is acquired in it.
 */
export const scopeThatReleased = (
  exchange: Exchange,
  stream: Pick<StreamRun, "startedAt" | "endedAt" | "fiber" | "cutOff">,
): Scope | undefined => {
  const { cutOff, endedAt = cutOff?.at } = stream
  if (cutOff === undefined || endedAt === undefined) return undefined
  if (endedAt - cutOff.at > soon) return undefined // it went on without that
  return exchange.scopes
    .filter(
      ({ role, finalizers, exit, enteredClosed }) =>
        role !== "request" && (enteredClosed || (finalizers > 0 && exit !== "interrupt")),
    )
    .filter((scope) => fits(scope, stream.startedAt, cutOff, cutOff.by === stream.fiber))
    .toSorted((a, b) => (a.closedAt ?? 0) - (b.closedAt ?? 0))
    .at(-1)
}

export const mayBeReleased = (
  exchange: Exchange,
  stream: Pick<StreamRun, "startedAt" | "endedAt" | "fiber" | "cutOff">,
): boolean => scopeThatReleased(exchange, stream) !== undefined

const fits = (
  { startedAt, closedAt, endedAt, closedByFiber }: Scope,
  streamStartedAt: Micros,
  { at, by }: NonNullable<StreamRun["cutOff"]>,
  asked: boolean,
): boolean => {
  if (closedAt === undefined || closedAt > at) return false
  if (asked) return at - Math.max(closedAt, streamStartedAt) <= soon
  if (startedAt > streamStartedAt) return false
  return by === closedByFiber && (endedAt === undefined || at <= endedAt + 1_000)
}
