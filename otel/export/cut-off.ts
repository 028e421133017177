import * as Context from "effect/Context"
import type { CutOff, Lifetime } from "../lifetimes/model.ts"

/** Who wants to know of spans that ended after the exporter had been shut down; told with each of them. */
export const CutOffListener = Context.Reference<(cutOff: CutOff) => void>(
  "scopeline/CutOffListener",
  { defaultValue: () => () => {} },
)

const keptAtMost = 5

/** Counts spans that nothing can export any more, and says it once on stderr. */
export class CutOffCounter {
  readonly #listener: (cutOff: CutOff) => void
  #closedAt: number | undefined
  #count = 0
  readonly #spans: Array<Lifetime> = []

  constructor(listener: (cutOff: CutOff) => void) {
    this.#listener = listener
  }

  /** The last batch has left. */
  close(at: number): void {
    this.#closedAt ??= at
  }

  ended(span: Lifetime): void {
    if (this.#closedAt === undefined) return
    this.#count++
    if (this.#spans.length < keptAtMost) this.#spans.push(span)
    if (this.#count === 1) {
      console.error(
        `Span ${JSON.stringify(span.name)} ended after the exporter had been shut down, and is lost: ` +
          "close the telemetry last.",
      )
    }
    this.#listener({ closedAt: this.#closedAt, count: this.#count, spans: [...this.#spans] })
  }
}
