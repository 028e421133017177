import { indexed } from "./indexed.ts"
import { type Exchange, isEventStream, type Scope, type StreamRun } from "./model.ts"
import { stalledSince } from "./stalled-since.ts"
import type { Micros } from "./time.ts"

/** How soon a stream ends that has met what was released. 1 s. */
const soon: Micros = 1_000_000

/** How soon after it began a stream asks for what was released before: most do so at once. 250 ms. */
const atFirst: Micros = 250_000

/**
 * The scope whose closing probably released what a stream read, if that was not traced: a nested scope of
 * the exchange that held something. A waiting reader learns which fiber released it. That fiber must have
 * been closing the scope then, and the scope must be older than the stream: a stream's own scopes also
 * close under its forks. A reader that asks later finds it released at once: when the stream begins, or
 * when the scope closes during its run. Of several scopes it is the one that closed last, because those
 * inside of it closed before. A scope that had closed before the exchange entered it releases at once
 * what is acquired in it.
 */
export const scopeThatReleased = (
  exchange: Exchange,
  stream: Pick<StreamRun, "startedAt" | "endedAt" | "fiber" | "cutOff">,
): Scope | undefined => {
  const { cutOff, endedAt = cutOff?.at } = stream
  if (cutOff === undefined || endedAt === undefined) return undefined
  if (endedAt - cutOff.at > soon + stalledSince(cutOff.at, exchange)) return undefined // it went on without that
  const asked = cutOff.by === stream.fiber
  // The producer of a download may shut its queue down at the end.
  if (asked && !isEventStream(exchange)) return undefined
  const candidates = candidatesOf(exchange, asked ? undefined : cutOff.by)
  for (let index = countUntil(candidates, cutOff.at) - 1; index >= 0; index--) {
    const scope = candidates[index]
    if (scope !== undefined && fits(exchange, scope, stream.startedAt, cutOff, asked)) return scope
    if (asked) return undefined // those that closed before are further from that
  }
  return undefined
}

/** Those that may have released something, in the order of their closing. */
const findClosed = ({ scopes }: Exchange): ReadonlyArray<Scope> =>
  scopes
    .filter(
      ({ role, finalizers, exit, enteredClosed, closedAt }) =>
        closedAt !== undefined &&
        role !== "request" &&
        (enteredClosed || (finalizers > 0 && exit !== "interrupt")),
    )
    .toSorted((a, b) => closingOf(a) - closingOf(b))

const closedIn = indexed((exchange) => {
  const all = findClosed(exchange)
  return { all, byFiber: Map.groupBy(all, ({ closedByFiber }) => closedByFiber) }
})

/** For a large exchange, only those that the fiber closed, if one is given. */
const candidatesOf = (exchange: Exchange, fiber: number | undefined): ReadonlyArray<Scope> => {
  const known = closedIn(exchange)
  if (known === undefined) return findClosed(exchange)
  return fiber === undefined ? known.all : (known.byFiber.get(fiber) ?? [])
}

const closingOf = ({ closedAt }: Scope): Micros => closedAt ?? 0

/** How many of them had closed by that moment. */
const countUntil = (scopes: ReadonlyArray<Scope>, moment: Micros): number => {
  let [from, to] = [0, scopes.length]
  while (from < to) {
    const middle = (from + to) >> 1
    const scope = scopes[middle]
    if (scope !== undefined && closingOf(scope) <= moment) from = middle + 1
    else to = middle
  }
  return from
}

export const mayBeReleased = (
  exchange: Exchange,
  stream: Pick<StreamRun, "startedAt" | "endedAt" | "fiber" | "cutOff">,
): boolean => scopeThatReleased(exchange, stream) !== undefined

const fits = (
  exchange: Exchange,
  { startedAt, closedAt, endedAt, closedByFiber }: Scope,
  streamStartedAt: Micros,
  { at, by }: NonNullable<StreamRun["cutOff"]>,
  asked: boolean,
): boolean => {
  if (closedAt === undefined) return false
  if (asked) {
    const released = Math.max(closedAt, streamStartedAt)
    return at - released <= atFirst + stalledSince(released, exchange)
  }
  if (startedAt > streamStartedAt) return false
  return by === closedByFiber && (endedAt === undefined || at <= endedAt + 1_000)
}
