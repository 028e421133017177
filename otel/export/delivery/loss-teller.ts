import { harmlessly } from "../../instrument/harmlessly.ts"
import { type DeliveryTerms, lossText, takesNone } from "./loss-text.ts"
import { causes, type LossCause, nothingSent, type Standing } from "./losses.ts"

/** How often a continuing loss is reported. */
const everyMillis = 60_000

/** Reports losses when they begin, once a minute while they go on, and at the end. */
export class LossTeller {
  readonly #terms: DeliveryTerms
  readonly #say: (line: string) => void
  #before = nothingSent
  readonly #toldAt = new Map<LossCause, number>()

  constructor(terms: DeliveryTerms, say: (line: string) => void) {
    this.#terms = terms
    this.#say = (line) => harmlessly(() => say(line), undefined) // a console is the program's own
  }

  /** The state of the delivery now. */
  update(standing: Standing): void {
    const { trouble, lost } = standing
    // Without an answer, losses begin like this: this line stands for them.
    if (trouble !== undefined && this.#before.trouble === undefined && this.#isDue("unanswered")) {
      this.#say(takesNone(this.#terms, trouble))
    }
    for (const cause of causes) {
      const isMore = lost[cause].spans > this.#before.lost[cause].spans
      if (isMore && this.#isDue(cause)) {
        this.#say(lossText(cause, lost[cause], standing, this.#terms, " so far"))
      }
    }
    this.#before = standing
  }

  /** What was lost until the end. */
  end(standing: Standing): void {
    for (const cause of causes) {
      const loss = standing.lost[cause]
      if (loss.spans > 0) this.#say(lossText(cause, loss, standing, this.#terms))
    }
  }

  #isDue(cause: LossCause): boolean {
    const now = performance.now()
    const toldAt = this.#toldAt.get(cause)
    if (toldAt !== undefined && now < toldAt + everyMillis) return false
    this.#toldAt.set(cause, now)
    return true
  }
}
