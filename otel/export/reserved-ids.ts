import type { IdGenerator } from "@opentelemetry/sdk-trace-node"
import { makeSpanId, makeTraceId } from "../instrument/records/record-span.ts"
import type { SpanReference } from "../lifetimes/span.ts"

/**
 * Lets a lifetime keep, as a span, the ids that it had while it lived: the SDK takes ids only from a generator.
 */
export class ReservedIds implements IdGenerator {
  #reserved: SpanReference | undefined

  /** Runs `start` so that the span it starts gets these ids. */
  with<A>(ids: SpanReference, start: () => A): A {
    this.#reserved = ids
    try {
      return start()
    } finally {
      this.#reserved = undefined
    }
  }

  generateTraceId = (): string => this.#reserved?.traceId ?? makeTraceId()

  generateSpanId = (): string => this.#reserved?.spanId ?? makeSpanId()
}
