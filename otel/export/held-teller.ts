import type * as Clock from "effect/Clock"
import { harmlessly } from "../instrument/harmlessly.ts"
import type { HeldNow } from "../instrument/held-now.ts"
import { Alarm } from "../instrument/records/alarm.ts"
import { makeSpanId, makeTraceId } from "../instrument/records/record-span.ts"
import { writeHeldLook } from "../lifetimes/spans/held.ts"
import type { Micros } from "../lifetimes/time.ts"
import type { SpanWriter } from "./span-writer.ts"

/** The SDK keeps 128 events of a span. */
const placesTold = 100

const soonestMillis = 1_000
/** A program that is silent for much longer than this is gone. */
const latestMillis = 10_000
/** Looking takes at most this share of the time. */
const share = 0.02

/** The receiver of the reports about what a program holds open. */
export interface HeldOutlet {
  readonly writer: Pick<SpanWriter, "lifetime">
  readonly now: () => Micros
  readonly flush: () => void
  /** How many spans have been lost so far. */
  readonly lost: () => number
}

/**
 * Reports what a program holds open: at once, then every second if it changed, and every ten seconds if it did
 * not. Returns how to report it for the last time.
 */
export const tellHeld = (
  look: () => HeldNow,
  outlet: HeldOutlet,
  clock: Clock.Clock,
): (() => void) => {
  const teller = new HeldTeller(look, outlet)
  const tick = () => alarm.after(teller.tell())
  const alarm = new Alarm(clock, tick)
  tick()
  return () => {
    alarm.stop()
    teller.tell(true)
  }
}

class HeldTeller {
  readonly #look: () => HeldNow
  readonly #outlet: HeldOutlet
  readonly #traceId = makeTraceId()
  #told = ""
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(look: () => HeldNow, outlet: HeldOutlet) {
    this.#look = look
    this.#outlet = outlet
  }

  /** Returns after how many milliseconds to look again. */
  tell(isLast = false): number {
    const began = performance.now()
    harmlessly(() => this.#tell(isLast), undefined, "export a lifetime")
    return Math.max(soonestMillis, (performance.now() - began) / share)
  }

  #tell(isLast: boolean): void {
    const { places, total } = this.#look()
    const { now, writer, flush, lost: lostNow } = this.#outlet
    const at = now()
    const lost = lostNow()
    const found = JSON.stringify([
      lost,
      ...places.map(({ kind, name, code, count }) => [kind, name, code, count]),
    ])
    const isDue = at - this.#toldAt >= latestMillis * 1000 - soonestMillis * 500
    if (found === this.#told && !isDue && !isLast) return
    this.#told = found
    this.#toldAt = at
    const span = { traceId: this.#traceId, spanId: makeSpanId() }
    const told = places.slice(0, placesTold)
    const rest = total - told.reduce((sum, { count }) => sum + count, 0)
    const look = { at, places: told, total, rest, pid: process.pid, lost, isLast }
    const { attributes, events } = writeHeldLook(look, span)
    writer.lifetime({
      span,
      parent: undefined,
      name: "held",
      startedAt: at,
      endedAt: at,
      attributes,
      events,
      links: [],
      error: undefined,
    })
    flush()
  }
}
