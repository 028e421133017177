import { isSameMatch } from "../../lifetimes/finding.ts"
import { type Judgement, judge } from "../../lifetimes/judge.ts"
import { rules } from "../../lifetimes/registry.ts"
import type { Micros } from "../../lifetimes/time.ts"
import { harmlessly } from "../harmlessly.ts"
import type { Alarm } from "./alarm.ts"
import type { ExchangeRecord } from "./record.ts"
import { isWorthSpans } from "./record-span.ts"
import type { Sink } from "./sink.ts"

interface ReviewOptions {
  readonly now: () => Micros
  readonly grace: Micros
  readonly sink: Sink
  /** Report a finding while its exchange is open. */
  readonly tellOpen: boolean
  /** Updates what is known of an exchange. */
  readonly refresh: (exchange: ExchangeRecord, now: Micros) => void
  /** It is complete, and shows its scopes from now on. */
  readonly shown: (exchange: ExchangeRecord) => void
  readonly makeAlarm: (ring: () => void) => Alarm
}

/** If a timer fires later than it should by this much, the program stood still. */
const longestTick: Micros = 50_000

/**
 * Judges exchanges again while a rule says "not yet": when something happens to them, or when the time has
 * come.
 */
export class Review {
  readonly #options: ReviewOptions
  /** Each with the moment of its next judgement; `undefined` where only a change can bring news. */
  readonly #pending = new Map<ExchangeRecord, Micros | undefined>()
  readonly #alarm: Alarm
  #wakesAt: Micros | undefined
  #isWaking = false
  #isMakingUp = false

  constructor(options: ReviewOptions) {
    this.#options = options
    this.#alarm = options.makeAlarm(this.#wake)
  }

  get grace(): Micros {
    return this.#options.grace
  }

  /** Judges it now, and again as long as a rule asks for that; returns whether one does. */
  judge(exchange: ExchangeRecord, now = this.#options.now()): boolean {
    return this.#judge(exchange, now, false)
  }

  /** The same for an exchange whose lifetimes have been exported. */
  judgeAgain(exchange: ExchangeRecord): void {
    this.#judgeAgain(exchange, false)
  }

  /** Something has happened to it: it is judged as soon as the current work is done. */
  later(exchange: ExchangeRecord): void {
    this.#pending.set(exchange, 0)
    if (this.#isSooner(0)) this.#sleep()
  }

  /** It has ended at that moment, and is judged when it is complete, or soon if that takes longer. */
  soon(exchange: ExchangeRecord, at: Micros): void {
    this.#await(exchange, at)
  }

  /** The program stops: whatever is pending is judged for the last time. */
  finish(): void {
    for (const exchange of this.#pending.keys()) this.#judgeAgain(exchange, true)
    this.#alarm.stop()
  }

  readonly #wake = (): void => {
    const due = this.#wakesAt ?? 0
    if (due > 0 && !this.#isMakingUp && this.#makesUpFor(this.#options.now() - due)) return
    this.#isMakingUp = false
    const now = this.#options.now()
    for (const [exchange, at] of this.#pending) {
      if (at !== undefined && at <= now) this.#judgeAgain(exchange, false)
    }
    this.#sleep()
  }

  /** While a program stands still, nothing in it is released: it gets that time in addition. */
  #makesUpFor(stall: Micros): boolean {
    this.#isMakingUp = stall >= longestTick
    if (this.#isMakingUp) this.#alarm.after(Math.min(stall, this.#options.grace) / 1000)
    return this.#isMakingUp
  }

  #sleep(): void {
    const due = this.#earliest()
    this.#wakesAt = due
    if (due === undefined) this.#alarm.stop()
    else if (due === 0) this.#alarm.soon()
    else this.#alarm.after(Math.max(0, due - this.#options.now()) / 1000 + 1)
  }

  #earliest(): Micros | undefined {
    let earliest: Micros | undefined
    for (const at of this.#pending.values()) {
      if (at !== undefined && (earliest === undefined || at < earliest)) earliest = at
    }
    return earliest
  }

  #judgeAgain(exchange: ExchangeRecord, final: boolean): void {
    const isShown = isWorthSpans(exchange)
    const pending = this.#judge(exchange, this.#options.now(), final)
    if (!exchange.completed) return
    if (!isShown && isWorthSpans(exchange)) this.#options.shown(exchange)
    if (!pending) this.#options.sink.done(exchange)
  }

  #judge(exchange: ExchangeRecord, now: Micros, final: boolean): boolean {
    const { matches, pending, again } = this.#verdict(exchange, now, final)
    const { matches: known } = exchange
    exchange.matches = latest(exchange, matches)
    if (exchange.waits) say(exchange)
    if (exchange.matches.length > 0) this.#tell(exchange, newsIn(matches, known))
    if (!pending) this.#pending.delete(exchange)
    else this.#await(exchange, again)
    return pending
  }

  #await(exchange: ExchangeRecord, again: Micros | undefined): void {
    this.#pending.set(exchange, again)
    if (this.#isSooner(again)) this.#wakeSoon()
  }

  #isSooner(again: Micros | undefined): boolean {
    if (again === undefined || this.#isMakingUp) return false
    return this.#wakesAt === undefined || again < this.#wakesAt
  }

  /** Most exchanges are complete at once, and no timer is needed. */
  #wakeSoon(): void {
    if (this.#isWaking) return
    this.#isWaking = true
    queueMicrotask(() => {
      this.#isWaking = false
      if (this.#isSooner(this.#earliest())) this.#sleep()
    })
  }

  /** While its span is open, a finding may be taken back. It is reported only on demand. */
  #tell(exchange: ExchangeRecord, news: ExchangeRecord["matches"]): void {
    const { now, sink, tellOpen } = this.#options
    if (exchange.completed || exchange.annotated) this.settle(exchange)
    else if (tellOpen && news.length > 0) sink.exportOpen([exchange], now())
  }

  /** What was found so far stays: each finding is reported once. */
  settle(exchange: ExchangeRecord): void {
    for (const match of exchange.matches) {
      if (exchange.told.some((other) => isSameMatch(other, match))) continue
      exchange.told.push(match)
      this.#options.sink.exportFinding(exchange, match, this.#options.now())
    }
  }

  /** A rule that throws must not change the program, nor keep the exchange for ever. */
  #verdict(exchange: ExchangeRecord, now: Micros, final: boolean): Judgement {
    const { grace, refresh } = this.#options
    const verdict = () => {
      refresh(exchange, now)
      return judge(exchange, { now, grace, final })
    }
    return harmlessly(verdict, unknown, "judge an exchange")
  }
}

const unknown: Judgement = { matches: [], pending: false, again: undefined }

/** Its server span is still to be written, and will carry the findings. */
const say = (exchange: ExchangeRecord): void => {
  exchange.waits = false
  exchange.annotated = true
  exchange.said = exchange.matches[0]
}

const newsIn = (
  found: ExchangeRecord["matches"],
  known: ExchangeRecord["matches"],
): ExchangeRecord["matches"] =>
  found.filter((match) => !known.some((other) => isSameMatch(other, match)))

/**
 * What is known now, the deepest first. While the spans are open, a finding may change or be taken back; what
 * they or a separate span have reported stays.
 */
const latest = (
  { matches: known, annotated, completed, waits }: ExchangeRecord,
  found: ExchangeRecord["matches"],
): ExchangeRecord["matches"] => {
  if (known.length === 0 || waits || (!annotated && !completed)) return found
  const told = known.filter((match) => !found.some((other) => isSameMatch(match, other)))
  return [...found, ...told].toSorted((a, b) => depthOf(a) - depthOf(b))
}

const depthOf = ({ rule }: ExchangeRecord["matches"][number]): number =>
  rules.findIndex(({ name }) => name === rule)
