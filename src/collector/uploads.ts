import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { cutOff, type Refusal, tooMuchAtOnce } from "./refusal.ts"

/** A sender that has sent nothing for longer is stalled, in milliseconds. */
const patience = 1_000

/** A body that is being received, or that waits until it is read. */
export interface Upload {
  readonly chunks: Array<Uint8Array>
  /** Fails where the sender stalled and others need the room. */
  readonly cut: Deferred.Deferred<never, Refusal>
  bytes: number
  lastAt: number
  isWhole: boolean
}

/** What senders have sent and nobody has read yet: together no more than the limit, in bytes. */
export class Uploads {
  readonly #limit: number
  readonly #now: () => number
  readonly #open = new Set<Upload>()
  #bytes = 0
  #refused = 0

  /** `now` gives the time in milliseconds, from any moment on. */
  constructor(limit: number, now: () => number = () => performance.now()) {
    this.#limit = limit
    this.#now = now
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
      (upload) => Effect.sync(() => this.#end(upload)),
    )
  }

  /** Keeps a piece of a body; fails where there is no room for it. */
  keep(upload: Upload, chunk: Uint8Array): Effect.Effect<void, Refusal> {
    return Effect.suspend(() => {
      upload.chunks.push(chunk)
      upload.bytes += chunk.length
      upload.lastAt = this.#now()
      this.#bytes += chunk.length
      while (this.#bytes > this.#limit) {
        const stalled = this.#stalled()
        if (stalled === undefined) {
          this.#refused += 1
          return Effect.fail(tooMuchAtOnce("too much is being sent at once: try again"))
        }
        this.#refused += 1
        Deferred.doneUnsafe(stalled.cut, Effect.fail(cutOff("the body stopped coming")))
        this.#end(stalled)
      }
      return Effect.void
    })
  }

  #begin(): Upload {
    const upload: Upload = {
      chunks: [],
      cut: Deferred.makeUnsafe(),
      bytes: 0,
      lastAt: this.#now(),
      isWhole: false,
    }
    this.#open.add(upload)
    return upload
  }

  #end(upload: Upload): void {
    if (!this.#open.delete(upload)) return
    this.#bytes -= upload.bytes
    upload.chunks.length = 0
  }

  /** Of the senders that have stalled and hold bytes, the one that has been silent for longest. */
  #stalled(): Upload | undefined {
    let longest: Upload | undefined
    for (const upload of this.#open) {
      if (upload.isWhole || upload.bytes === 0) continue
      if (this.#now() - upload.lastAt < patience) continue
      if (longest === undefined || upload.lastAt < longest.lastAt) longest = upload
    }
    return longest
  }
}
