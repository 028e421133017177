import { SERVICE_INSTANCE_ID } from "../attributes.ts"
import { asText } from "./attribute-reader.ts"
import type { Span } from "./span.ts"
import type { Micros } from "./time.ts"

/**
 * The last known moment of each program in a recording of several. A program that stopped while others went on
 * is judged at its own end.
 */
export class ProgramEnds {
  readonly #ends = new Map<string, Micros>()

  see({ resource, endedAt }: Span): void {
    const id = instanceOf(resource)
    if (id !== undefined && endedAt > (this.#ends.get(id) ?? 0)) this.#ends.set(id, endedAt)
  }

  /** `undefined` if we do not know which program sent the span. */
  of({ resource }: Span): Micros | undefined {
    const id = instanceOf(resource)
    return id === undefined ? undefined : this.#ends.get(id)
  }
}

const instanceOf = (resource: Span["resource"]): string | undefined =>
  asText(resource[SERVICE_INSTANCE_ID])
