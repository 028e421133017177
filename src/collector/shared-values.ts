import type { Span } from "../../otel/lifetimes/span.ts"
import { bytesOfAttributes } from "./span-bytes.ts"

interface Use {
  spans: number
  readonly bytes: number
}

/** What spans of one request share, each value once. A value is removed with the last span that has it. */
export class SharedValues {
  readonly #uses = new Map<object, Use>()
  #bytes = 0

  /** An estimate of what they take on the heap, in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  retain({ resource, instrumentation }: Span): void {
    this.#retain(resource, () => bytesOfAttributes(resource))
    if (instrumentation !== undefined) {
      this.#retain(instrumentation, () => bytesOfAttributes({ ...instrumentation }))
    }
  }

  release({ resource, instrumentation }: Span): void {
    this.#release(resource)
    if (instrumentation !== undefined) this.#release(instrumentation)
  }

  #retain(value: object, bytesOf: () => number): void {
    const use = this.#uses.get(value)
    if (use !== undefined) {
      use.spans += 1
      return
    }
    const bytes = bytesOf()
    this.#uses.set(value, { spans: 1, bytes })
    this.#bytes += bytes
  }

  #release(value: object): void {
    const use = this.#uses.get(value)
    if (use === undefined) return
    use.spans -= 1
    if (use.spans > 0) return
    this.#uses.delete(value)
    this.#bytes -= use.bytes
  }
}
