import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads"
import { LossTeller } from "../export/delivery/loss-teller.ts"
import type { DeliveryTerms } from "../export/delivery/loss-text.ts"
import {
  allLost,
  atTheEnd,
  nothingSent,
  type Standing,
  withLoss,
} from "../export/delivery/losses.ts"
import { type HeldSpan, heldBytes, holdingSpans } from "../export/held-span.ts"
import { RecentMap } from "../export/recent-map.ts"
import { ReservedIds } from "../export/reserved-ids.ts"
import type { SdkOptions } from "../export/sdk.ts"
import { harmlessly } from "../instrument/harmlessly.ts"
import { warn } from "../instrument/warn.ts"
import { awaitDone, backlog, clearDone, makeSignals, type SenderSignals } from "./sender-signals.ts"

/** A message to the sending thread. */
export interface SenderMessage {
  readonly spans: ReadonlyArray<HeldSpan>
  /** About how large they are. */
  readonly bytes: number
  /** Traces in which something was found. */
  readonly found: ReadonlyArray<string>
  readonly then: "wait" | "flush" | "close"
  /** When the program was done with everything else, if it closes. */
  readonly since: number
}

/** The thread's data at its start. */
export interface SenderOptions {
  readonly sdk: SdkOptions
  readonly drainMillis: number
  readonly signals: SenderSignals
  /** The shared memory for the state of the delivery. */
  readonly standings: MessagePort
}

/** How long spans are collected before they are handed over together. */
const handOverMillis = 100
const heldAtMost = 256

/**
 * How long an ending program waits for the thread to start, and how much longer than planned it waits for the
 * thread.
 */
const startMillis = 2_000
const graceMillis = 500

/** How much may wait for the thread, as a share of what may wait to be sent. */
const backlogShare = 1 / 4

/** How many traces with a finding are remembered. */
const remembered = 8_192

/**
 * Sends spans from a separate thread: the SDK, its timers and its connections take no turns of the program, and
 * do not keep the process alive. The thread starts with the first span.
 */
export class SpanSender {
  readonly ids = new ReservedIds()
  readonly starter = holdingSpans(this.ids, (span) => this.#hold(span))
  readonly #sdk: SdkOptions
  readonly #terms: DeliveryTerms
  readonly #teller: LossTeller
  readonly #signals = makeSignals()
  readonly #isFound = new RecentMap<true>(remembered)
  #newlyFound: Array<string> = []
  #standing = nothingSent
  #ended = 0
  #handedOver = 0
  /** How many spans were lost because the thread did not take them over. */
  #notTaken = 0
  /** How many losses have been reported at the end. */
  #lost = 0
  #held: Array<() => HeldSpan> = []
  #timer: NodeJS.Timeout | undefined
  #thread: Worker | undefined
  #standings: MessagePort | undefined
  #hasFailed = false
  #closedAt: number | undefined

  constructor(sdk: SdkOptions, terms: DeliveryTerms) {
    this.#sdk = sdk
    this.#terms = terms
    this.#teller = new LossTeller(terms, (line) => console.error(line))
  }

  /** Spans of this trace are sent first, and lost last. */
  found(traceId: string): void {
    if (this.#isFound.get(traceId) === true) return
    this.#isFound.set(traceId, true)
    this.#newlyFound.push(traceId)
    this.#handOverSoon()
  }

  /** How many spans have been lost so far. */
  get lost(): number {
    return allLost(this.#current)
  }

  /** Sends at once what waits. */
  flush(): void {
    if (this.#thread !== undefined || this.#held.length > 0) this.#handOver("flush")
  }

  /** The process ends: waits until the last spans have been sent, now and whenever another one ends. */
  close(): void {
    const now = Date.now()
    this.#closedAt ??= now
    if (this.#ended === 0) return
    clearDone(this.#signals)
    // A thread that has not answered before gets no second chance.
    this.#handOver("close", this.#standing.trouble === undefined ? now : this.#closedAt)
    if (this.#hasFailed) return // which has been told
    const waited = now - this.#closedAt
    const millis = this.#terms.drainMillis + graceMillis - waited
    const isSending = awaitDone(this.#signals, startMillis - waited, millis)
    this.#readStandings()
    this.#tellLosses(isSending)
  }

  #readStandings(): void {
    while (this.#standings !== undefined) {
      const received: { readonly message: Standing } | undefined = receiveMessageOnPort(
        this.#standings,
      )
      if (received === undefined) return
      this.#standing = received.message
    }
  }

  get #current(): Standing {
    return withLoss(this.#standing, "bytes", this.#notTaken)
  }

  /** Reports the number of losses once. The program may end more spans after that, in its own listeners. */
  #tellLosses(isSending: boolean): void {
    const standing = this.#current
    const left = this.#ended - standing.taken - allLost(standing)
    const end = atTheEnd(isSending ? { ...standing, sent: left } : standing, left)
    const lost = allLost(end)
    if (lost <= this.#lost) return
    if (this.#lost === 0) this.#teller.end(end)
    else warn("Spans that end later are lost as well.")
    this.#lost = lost
  }

  #hold(span: () => HeldSpan): void {
    this.#ended++
    this.#held.push(span)
    if (this.#closedAt !== undefined) this.close()
    else if (this.#held.length >= heldAtMost) this.#handOver("wait")
    else this.#handOverSoon()
  }

  #handOverSoon(): void {
    this.#timer ??= setTimeout(() => this.#handOver("wait"), handOverMillis).unref()
  }

  #handOver(then: SenderMessage["then"], since = 0): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const held = this.#held.flatMap((span) => harmlessly(() => [span()], [], "export a lifetime"))
    const found = this.#newlyFound
    this.#held = []
    this.#newlyFound = []
    const spans = this.#withinBacklog(held)
    const bytes = spans.reduce((sum, span) => sum + heldBytes(span), 0)
    this.#handedOver = (this.#handedOver + bytes) | 0
    this.#tell({ spans, bytes, found, then, since })
  }

  /** A thread that does not keep up gets only what belongs to a finding. */
  #withinBacklog(held: ReadonlyArray<HeldSpan>): ReadonlyArray<HeldSpan> {
    const most = this.#sdk.queueBytes * backlogShare
    if (backlog(this.#signals, this.#handedOver) <= most) return held
    const kept = held.filter(({ span }) => this.#isFound.get(span.traceId) === true)
    this.#notTaken += held.length - kept.length
    return kept
  }

  #tell(message: SenderMessage): void {
    if (this.#hasFailed) return
    try {
      this.#thread ??= this.#start()
      this.#thread.postMessage(message)
    } catch (cause) {
      this.#fail(cause)
    }
  }

  #start(): Worker {
    const { NODE_OPTIONS: _, ...env } = process.env // it may say to load this here as well
    const file = `./sender-thread.${new URL(import.meta.url).pathname.endsWith(".ts") ? "ts" : "js"}`
    const { port1, port2: standings } = new MessageChannel()
    const { drainMillis } = this.#terms
    const options: SenderOptions = {
      sdk: this.#sdk,
      drainMillis,
      signals: this.#signals,
      standings,
    }
    const thread = new Worker(new URL(file, import.meta.url), {
      workerData: options,
      transferList: [standings],
      env,
      execArgv: [],
    })
    thread.on("error", (cause) => this.#fail(cause))
    thread.unref()
    port1.on("message", (standing: Standing) => {
      this.#standing = standing
      this.#teller.update(this.#current)
    })
    port1.unref()
    this.#standings = port1
    return thread
  }

  #fail(cause: unknown): void {
    this.#hasFailed = true
    harmlessly(() => warn("Scopeline sends no spans; the program goes on.", { cause }), undefined)
  }
}
