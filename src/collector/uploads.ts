import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { cutOff, type Refusal } from "./refusal.ts"

/** A sender that has sent nothing for so many ticks is stalled. */
const patience = 4

/**
 * How often `tick` has to be called, in milliseconds. It counts ticks and not time: while this process is busy
 * it hears nobody, so nobody has stalled.
 */
export const tickInterval = 500

/** A body that is being received, or that waits until it is read. */
export interface Upload {
  readonly chunks: Array<Uint8Array>
  /** Fails if the sender stalled and others need the room. */
  readonly cut: Deferred.Deferred<never, Refusal>
  /** How many bytes of it are kept. */
  bytes: number
  /** How many have come. */
  received: number
  /** Ticks since something of it came. */
  silentFor: number
  isWhole: boolean
  /** There was no room for it: the rest of it is not kept. */
  isRefused: boolean
}

/** What senders have sent and nobody has read yet: together no more than the limit, in bytes. */
export class Uploads {
  readonly #limit: number
  readonly #onChange: (bytes: number) => Effect.Effect<void>
  readonly #open = new Set<Upload>()
  #bytes = 0
  #refused = 0

  /** `onChange` is called with the number of bytes. */
  constructor(limit: number, onChange: (bytes: number) => Effect.Effect<void> = () => Effect.void) {
    this.#limit = limit
    this.#onChange = onChange
  }

  tick(): void {
    for (const upload of this.#open) upload.silentFor += 1
  }

  /** How many requests were refused because there was no room for them. */
  get refused(): number {
    return this.#refused
  }

  /** Makes room for one body, which it takes until it has been used. */
  use<A, E, R>(use: (upload: Upload) => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.acquireUseRelease(
      Effect.sync(() => this.#begin()),
      use,
      (upload) => Effect.suspend(() => this.#end(upload)),
    )
  }

  /** Keeps a piece of a body, if there is room for it. */
  keep(upload: Upload, chunk: Uint8Array): Effect.Effect<void> {
    return Effect.suspend(() => {
      upload.silentFor = 0
      upload.received += chunk.length
      if (upload.isRefused) return Effect.void
      upload.chunks.push(chunk)
      upload.bytes += chunk.length
      this.#bytes += chunk.length
      while (this.#bytes > this.#limit) this.#refuse(this.#stalled() ?? upload)
      return this.#onChange(this.#bytes)
    })
  }

  #refuse(upload: Upload): void {
    this.#refused += 1
    upload.isRefused = true
    this.#empty(upload)
    if (upload.silentFor < patience) return
    Deferred.doneUnsafe(upload.cut, Effect.fail(cutOff("the body stopped coming")))
  }

  #begin(): Upload {
    const upload: Upload = {
      chunks: [],
      cut: Deferred.makeUnsafe(),
      bytes: 0,
      received: 0,
      silentFor: 0,
      isWhole: false,
      isRefused: false,
    }
    this.#open.add(upload)
    return upload
  }

  #end(upload: Upload): Effect.Effect<void> {
    this.#open.delete(upload)
    this.#empty(upload)
    return this.#onChange(this.#bytes)
  }

  #empty(upload: Upload): void {
    this.#bytes -= upload.bytes
    upload.bytes = 0
    upload.chunks.length = 0
  }

  /** The sender that has been silent for longest, of those that have stalled and hold bytes. */
  #stalled(): Upload | undefined {
    let longest: Upload | undefined
    for (const upload of this.#open) {
      if (upload.isWhole || upload.bytes === 0) continue
      if (upload.silentFor < patience) continue
      if (longest === undefined || upload.silentFor > longest.silentFor) longest = upload
    }
    return longest
  }
}
