import type { Markup } from "../markup.ts"
import { detailView } from "../view/detail.ts"
import type { PageState } from "../view/state.ts"

/** The exchange that is shown: one of 20,000 spans that has ended is not drawn again each second. */
export class DrawnDetail {
  #from: ReadonlyArray<unknown> = []
  #drawn: Markup | undefined

  show(state: PageState): Markup | undefined {
    const { choice, details, snapshot } = state
    const id = choice.exchange
    const detail = id === undefined ? undefined : details.get(id)
    const from = [
      detail,
      ...Object.values(choice),
      state.unfolded,
      state.within,
      state.missing,
      state.old,
      snapshot.findings,
      snapshot.runs,
      snapshot.jaeger,
      snapshot.rows.find((row) => row.id === id),
      detail?.layout.open === true ? state.now : undefined,
    ]
    if (
      this.#from.length === from.length &&
      from.every((one, index) => one === this.#from[index])
    ) {
      return this.#drawn
    }
    this.#from = from
    this.#drawn = detailView(state)
    return this.#drawn
  }
}
