import type { Markup } from "../markup.ts"
import type { PageState } from "../view/state.ts"

/** Markup that is slow to make: it is made again only if something that it shows has changed. */
export class Drawn {
  #from: ReadonlyArray<unknown> | undefined
  #markup: Markup | undefined

  show(from: ReadonlyArray<unknown>, draw: () => Markup | undefined): Markup | undefined {
    const isSame =
      this.#from?.length === from.length && from.every((one, index) => one === this.#from?.[index])
    if (isSame) return this.#markup
    this.#from = from
    this.#markup = draw()
    return this.#markup
  }
}

/** What the open exchange is drawn from: an ended exchange is not drawn again each second. */
export const detailSources = (state: PageState): ReadonlyArray<unknown> => {
  const { choice, details, snapshot } = state
  const id = choice.exchange
  const detail = id === undefined ? undefined : details.get(id)
  return [
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
}

/** The same for what a file shows first. */
export const drawingSources = ({ snapshot, details, unfolded }: PageState) => [
  snapshot,
  details,
  unfolded,
]
