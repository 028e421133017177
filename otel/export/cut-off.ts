import * as Context from "effect/Context"
import { warn } from "../instrument/warn.ts"
import type { CutOff, NamedInterval } from "../lifetimes/model.ts"
import type { SpanReference } from "../lifetimes/span.ts"
import type { Micros } from "../lifetimes/time.ts"

/** Called with each span that ended after the exporter had been shut down. */
export const CutOffListener = Context.Reference<(cutOff: CutOff) => void>(
  "scopeline/CutOffListener",
  { defaultValue: () => () => {} },
)

const keptAtMost = 5

/** What we keep of a lost span. */
interface LostSpan extends SpanReference {
  readonly name: string
  readonly startedAt: Micros
}

/** Counts spans that nothing can export any more, and prints the count once on stderr. */
export class CutOffCounter {
  readonly #listener: (cutOff: CutOff) => void
  readonly #now: () => Micros
  #closedAt: Micros | undefined
  #count = 0
  readonly #spans: Array<NamedInterval> = []

  constructor(listener: (cutOff: CutOff) => void, now: () => Micros) {
    this.#listener = listener
    this.#now = now
  }

  /** The last batch has left. */
  close(): void {
    this.#closedAt ??= this.#now()
  }

  get isClosed(): boolean {
    return this.#closedAt !== undefined
  }

  ended({ traceId, spanId, name, startedAt }: LostSpan): void {
    const closedAt = this.#closedAt
    if (closedAt === undefined) return
    this.#count++
    if (this.#spans.length < keptAtMost) {
      this.#spans.push({ span: { traceId, spanId }, name, startedAt, endedAt: this.#now() })
    }
    if (this.#count === 1) {
      warn(
        `Span ${JSON.stringify(name)} ended after the exporter had been shut down, and is lost: ` +
          "close the telemetry last.",
      )
    }
    this.#listener({ closedAt, count: this.#count, spans: [...this.#spans] })
  }
}
