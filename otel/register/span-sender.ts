import { Worker } from "node:worker_threads"
import { type HeldSpan, holdingSpans } from "../export/held-span.ts"
import { losses, takesNone } from "../export/loss.ts"
import { ReservedIds } from "../export/reserved-ids.ts"
import type { SdkOptions } from "../export/sdk.ts"
import { harmlessly } from "../instrument/harmlessly.ts"
import { warn } from "../instrument/warn.ts"

/** What the thread that sends is told. */
export interface SenderMessage {
  readonly spans: ReadonlyArray<HeldSpan>
  readonly then: "wait" | "flush" | "close"
}

export interface SenderOptions extends SdkOptions {
  /** Shared: whether everything has been sent, and how many spans have arrived. */
  readonly told: Int32Array
}

/** How long spans are kept to be handed over together. */
const handOverMillis = 100
const heldAtMost = 256

/** How long the last spans may take to leave. */
const closeMillis = 2000

/**
 * Sends spans from a thread of its own: the SDK, its timers and its connections take no turn of the program, and
 * do not keep the process alive. The thread starts with the first span.
 */
export class SpanSender {
  readonly ids = new ReservedIds()
  readonly starter = holdingSpans(this.ids, (span) => this.#hold(span))
  readonly #options: SenderOptions
  readonly #shown: string
  #ended = 0
  /** How many losses have been told. */
  #lost = 0
  #held: Array<() => HeldSpan> = []
  #timer: NodeJS.Timeout | undefined
  #thread: Worker | undefined
  #hasFailed = false
  #closesAt: number | undefined

  /** `shown` is the address of the collector, for people. */
  constructor(options: SdkOptions, shown: string) {
    const told = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))
    this.#options = { ...options, told }
    this.#shown = shown
  }

  /** Sends at once what waits. */
  flush(): void {
    if (this.#thread !== undefined || this.#held.length > 0) this.#handOver("flush")
  }

  /** The process ends: waits until the last spans have left, now and whenever another one ends. */
  close(): void {
    this.#closesAt ??= performance.now() + closeMillis
    if (this.#ended === 0) return
    const { told } = this.#options
    Atomics.store(told, 0, 0)
    this.#handOver("close")
    if (this.#hasFailed) return // which has been told
    Atomics.wait(told, 0, 0, Math.max(this.#closesAt - performance.now(), 0))
    this.#tellLosses(this.#ended - Atomics.load(told, 1))
  }

  /** Once how many: the program's own listeners may end any number of spans after that. */
  #tellLosses(lost: number): void {
    if (lost <= this.#lost) return
    if (this.#lost === 0) for (const loss of losses(lost, 0, this.#shown)) warn(loss)
    else warn("Spans that end later are lost as well.")
    this.#lost = lost
  }

  #hold(span: () => HeldSpan): void {
    this.#ended++
    this.#held.push(span)
    if (this.#closesAt !== undefined) this.close()
    else if (this.#held.length >= heldAtMost) this.#handOver("wait")
    else this.#timer ??= setTimeout(() => this.#handOver("wait"), handOverMillis).unref()
  }

  #handOver(then: SenderMessage["then"]): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const spans = this.#held.flatMap((span) => harmlessly(() => [span()], [], "export a lifetime"))
    this.#held = []
    this.#tell({ spans, then })
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
    const thread = new Worker(new URL(file, import.meta.url), {
      workerData: this.#options,
      env,
      execArgv: [],
    })
    thread.on("message", (reason: string) => warn(takesNone(this.#shown, reason)))
    thread.on("error", (cause) => this.#fail(cause))
    thread.unref()
    return thread
  }

  #fail(cause: unknown): void {
    this.#hasFailed = true
    harmlessly(() => warn("Scopeline sends no spans; the program goes on.", { cause }), undefined)
  }
}
