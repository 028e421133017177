import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace-node"
import type { Answer } from "./answer.ts"
import { type LossCause, nothingSent, type Standing, withLoss } from "./losses.ts"
import { Pace } from "./pace.ts"
import { patienceLeft, silenceMillis } from "./patience.ts"
import { type Parcel, type WaitingBounds, WaitingSpans } from "./waiting-spans.ts"

/** The receiver of the spans. */
export interface Recipient {
  /** Nothing can be serialized before. */
  readonly ready?: Promise<void> | undefined
  /** Never throws; nothing if they cannot be written. */
  readonly serialize: (spans: Array<ReadableSpan>) => Uint8Array | undefined
  /** Sends the serialized form of so many spans, once. Never rejects. */
  readonly send: (body: Uint8Array, spans: number) => Promise<Answer>
  /** Gives up what is on its way. */
  readonly close: () => void
}

export interface DeliveryOptions extends WaitingBounds {
  /** How long a span that ended may wait for others to leave with. */
  readonly delayMillis: number
}

/** We wait no longer for what the spans have in common. */
const readyMillis = 1_000

/** Losses come in floods, and are reported together. */
const tellMillis = 100

/** Hands spans to their recipient in batches, as fast as it takes them, and knows what became of each. */
export class Delivery implements SpanProcessor {
  readonly #recipient: Recipient
  readonly #options: DeliveryOptions
  readonly #changed: (standing: Standing) => void
  readonly #waiting: WaitingSpans
  readonly #pace = new Pace()
  readonly #underway = new Set<Parcel>()
  #again: Array<Parcel> = []
  /** Spans that were sent, now or before, and may have arrived. */
  readonly #sent = new Set<Parcel>()
  #standing = nothingSent
  readonly #letGo = { bytes: 0, spans: 0, unwritable: 0 }
  /** How many of the waiting spans are sent although they fill no batch. */
  #urgent = 0
  #isReady: boolean
  #isEnding = false
  #isClosed = false
  #turn: NodeJS.Immediate | undefined
  #delay: NodeJS.Timeout | undefined
  #pause: NodeJS.Timeout | undefined
  #telling: NodeJS.Timeout | undefined
  #moved = () => {}

  /** `changed` is called with the state of the delivery whenever something has arrived or is lost. */
  constructor(
    recipient: Recipient,
    options: DeliveryOptions,
    changed: (standing: Standing) => void = () => {},
  ) {
    this.#recipient = recipient
    this.#isReady = recipient.ready === undefined
    if (recipient.ready !== undefined) this.#beginOnce(recipient.ready)
    this.#options = options
    this.#changed = changed
    this.#waiting = new WaitingSpans(options, {
      serialize: recipient.serialize,
      lost: (cause, spans) => {
        this.#letGo[cause] += spans
        this.#telling ??= setTimeout(() => this.#tell(), tellMillis).unref()
      },
    })
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    this.#waiting.add(span)
    if (this.#isEnding || this.#waiting.size >= this.#options.batch) this.#soon()
    else this.#delay ??= setTimeout(() => this.flush(), this.#options.delayMillis).unref()
  }

  /** Spans of this trace leave first and are lost last. */
  found(traceId: string): void {
    this.#waiting.found(traceId)
  }

  /** Sends what waits now. */
  flush(): void {
    clearTimeout(this.#delay)
    this.#delay = undefined
    this.#urgent = this.#waiting.size
    this.#soon()
  }

  get standing(): Standing {
    const { bytes, spans, unwritable } = this.#letGo
    const sent = spansOf(this.#sent)
    const standing = withLoss(this.#standing, "refused", unwritable, "they cannot be written")
    return { ...withLoss(withLoss(standing, "bytes", bytes), "spans", spans), sent }
  }

  /** Spans whose fate is not known yet. */
  get left(): number {
    return this.#waiting.size + spansOf(this.#underway) + spansOf(this.#again)
  }

  /**
   * Waits until all have arrived, or until waiting longer makes no sense: for `atMostMillis` in all, minus the
   * time that has passed, or until the collector has been silent for a while.
   */
  async drain(atMostMillis: number, waitedMillis = 0): Promise<void> {
    const since = performance.now() - waitedMillis
    this.#isEnding = true
    this.#pace.hurry()
    this.#soon()
    while (this.left > 0 && !this.#pace.isHopeless) {
      const { answeredAt } = this.#pace
      const millis = patienceLeft({ since, answeredAt, now: performance.now(), atMostMillis })
      if (millis <= 0) return this.#giveUp(since + atMostMillis)
      await this.#movedWithin(millis)
    }
  }

  /** Gives up what is left, and keeps the process alive no longer. */
  close(): void {
    this.#isClosed = true
    for (const timer of [this.#delay, this.#pause, this.#telling]) clearTimeout(timer)
    clearImmediate(this.#turn)
    this.#recipient.close()
  }

  async forceFlush(): Promise<void> {
    this.flush()
  }

  async shutdown(): Promise<void> {
    this.close()
  }

  /** A recipient that is not ready in time, or fails to be, writes what it can. */
  #beginOnce(ready: Promise<void>): void {
    const begin = () => {
      clearTimeout(tooLate)
      this.#isReady = true
      this.#soon()
    }
    const tooLate = setTimeout(begin, readyMillis).unref()
    ready.then(begin, begin)
  }

  /** Before the time is over, the reason is that there is no answer. */
  #giveUp(until: number): void {
    if (performance.now() >= until || this.#pace.trouble !== undefined) return
    this.#standing = { ...this.#standing, trouble: `none for ${silenceMillis / 1000} s` }
  }

  #movedWithin(millis: number): Promise<void> {
    return new Promise((resolve) => {
      const tooLate = setTimeout(() => setImmediate(resolve), millis) // reads first what has come
      this.#moved = () => {
        clearTimeout(tooLate)
        resolve()
      }
    })
  }

  /** Never at once: spans end while the program does its own work. */
  #soon(): void {
    if (this.#isClosed || !this.#isReady) return
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined
      this.#sendNext()
    })
  }

  /** One request in a turn of the event loop: serializing its spans takes milliseconds. */
  #sendNext(): void {
    const pause = this.#pace.pauseMillis(performance.now())
    if (pause > 0) {
      this.#resumeAfter(pause)
      return
    }
    if (this.#underway.size >= this.#pace.requestsAtOnce) return // the next answer goes on
    const parcel = this.#again.shift() ?? this.#nextParcel()
    if (parcel === undefined) return
    void this.#send(parcel)
    this.#soon()
  }

  #resumeAfter(millis: number): void {
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined
      this.#soon()
    }, millis).unref()
  }

  #nextParcel(): Parcel | undefined {
    const isDue = this.#isEnding || this.#urgent > 0 || this.#waiting.size >= this.#options.batch
    if (!isDue) return undefined
    const parcel = this.#waiting.take()
    this.#urgent = parcel === undefined ? 0 : this.#urgent - parcel.spans
    return parcel
  }

  async #send(parcel: Parcel): Promise<void> {
    const mayBeThere = this.#sent.has(parcel)
    this.#underway.add(parcel)
    this.#sent.add(parcel)
    const answer = await this.#recipient.send(parcel.body, parcel.spans)
    if (this.#isClosed) return
    this.#underway.delete(parcel)
    if (!mayBeThere && isSurelyNotThere(answer)) this.#sent.delete(parcel)
    this.#learn(answer, parcel)
    this.#tell()
    this.#moved()
    this.#soon()
  }

  #learn(answer: Answer, parcel: Parcel): void {
    const now = performance.now()
    switch (answer.kind) {
      case "taken":
        this.#pace.taken(now)
        this.#settle(parcel, "rejected", answer.rejected, answer.reason)
        break
      case "refused":
        this.#pace.refused(now)
        this.#settle(parcel, "refused", parcel.spans, answer.reason)
        break
      case "silent":
        this.#pace.silent(answer.reason)
        this.#settle(parcel, "unanswered", parcel.spans, answer.reason, parcel.spans)
        break
      case "later":
        this.#pace.askedToWait(now, answer.reason, answer.afterMillis)
        this.#again.push(parcel)
        break
      case "unreachable":
        this.#pace.unreachable(now, answer.reason)
        this.#again.push(parcel)
    }
  }

  #settle(parcel: Parcel, cause: LossCause, lost: number, reason: string, sent = 0): void {
    this.#sent.delete(parcel)
    this.#waiting.settle(parcel.bytes)
    const standing = withLoss(this.#standing, cause, lost, reason, sent)
    this.#standing = { ...standing, taken: standing.taken + parcel.spans - lost }
  }

  #tell(): void {
    clearTimeout(this.#telling)
    this.#telling = undefined
    this.#standing = { ...this.#standing, trouble: this.#pace.trouble }
    this.#changed(this.standing)
  }
}

const spansOf = (parcels: Iterable<Parcel>): number => {
  let sum = 0
  for (const { spans } of parcels) sum += spans
  return sum
}

/** Whether nothing that was sent can have arrived. */
const isSurelyNotThere = (answer: Answer): boolean =>
  answer.kind === "later" || (answer.kind === "unreachable" && !answer.mayHaveArrived)
