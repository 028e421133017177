import { type Exchange, isEventStream, type Scope, type StreamRun } from "./model.ts"
import type { Micros } from "./time.ts"

/** How soon a stream ends that has met what was released. 1 s. */
const soon: Micros = 1_000_000

/** How soon after it began a stream asks for what was released before: most do so at once. 250 ms. */
const atFirst: Micros = 250_000

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
  const asked = cutOff.by === stream.fiber
  // Of a download, whoever fills its queue may have shut that down at its end.
  if (asked && !isEventStream(exchange)) return undefined
  return exchange.scopes
    .filter(
      ({ role, finalizers, exit, enteredClosed }) =>
        role !== "request" && (enteredClosed || (finalizers > 0 && exit !== "interrupt")),
    )
    .filter((scope) => fits(scope, stream.startedAt, cutOff, asked))
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
  if (asked) return at - Math.max(closedAt, streamStartedAt) <= atFirst
  if (startedAt > streamStartedAt) return false
  return by === closedByFiber && (endedAt === undefined || at <= endedAt + 1_000)
}
