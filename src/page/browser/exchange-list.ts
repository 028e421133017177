import type { ExchangeRow } from "../snapshot.ts"
import { entryMarkup, type RowContext } from "../view/exchange-row.ts"
import type { Entry } from "../view/listing.ts"
import { byId } from "./element.ts"
import { parsed } from "./redraw.ts"

/**
 * So many rows are in the document, so that the browser's own search finds them. If there are more, only those
 * in view are.
 */
const mostWhole = 1_000
const inView = 60

/** Drawn rows are kept for when they are listed again. */
const mostDrawn = 2 * mostWhole

interface DrawnRow {
  readonly html: string
  readonly element: HTMLElement
  /** What it was drawn from: the same input gives the same row. */
  readonly from: string
  readonly row: ExchangeRow | undefined
}

/** The list of exchanges: rows that did not change are not touched. */
export class ExchangeList {
  readonly #list = byId("list")
  #drawn = new Map<string, DrawnRow>()
  readonly #top = spacer()
  readonly #bottom = spacer()
  #entries: ReadonlyArray<Entry> = []
  #context: RowContext | undefined
  #kinds: RowContext["kinds"] | undefined
  #rowHeight = 30

  constructor() {
    addEventListener("scroll", () => this.#scrolled(), { passive: true })
    addEventListener("resize", () => this.#scrolled(), { passive: true })
  }

  /** True if only the rows in view are in the document. */
  get isPart(): boolean {
    return this.#entries.length > mostWhole
  }

  /** The keys of what is listed, in its order. */
  get keys(): ReadonlyArray<string> {
    return this.#entries.map(({ key }) => key)
  }

  /** The control of the row with this key, scrolled into view if necessary. */
  control(key: string): HTMLElement | undefined {
    if (this.isPart && this.#drawn.get(key)?.element.isConnected !== true) {
      const index = this.#entries.findIndex((entry) => entry.key === key)
      if (index < 0) return undefined
      const top = this.#list.getBoundingClientRect().top + scrollY
      scrollTo({ top: top + index * this.#rowHeight - innerHeight / 2 })
      this.#place()
    }
    const control = this.#drawn.get(key)?.element.querySelector("a, button")
    return control instanceof HTMLElement ? control : undefined
  }

  show(entries: ReadonlyArray<Entry>, context: RowContext): void {
    this.#entries = entries
    this.#context = context
    this.#place()
  }

  #scrolled(): void {
    if (this.isPart) this.#place()
  }

  #place(): void {
    const context = this.#context
    if (context === undefined) return
    const total = this.#entries.length
    const first = this.isPart ? this.#firstInView(total) : 0
    const entries = this.isPart ? this.#entries.slice(first, first + inView) : this.#entries
    if (this.#drawn.size > mostDrawn) this.#drawn.clear()
    const from = [context.selected, context.hasServices].join(" ")
    if (this.#kinds !== context.kinds) this.#drawn = withoutSources(this.#drawn)
    this.#kinds = context.kinds
    const elements = entries.map((entry) => {
      const drawn = rowOf(entry, context, from, this.#drawn.get(entry.key))
      this.#drawn.set(entry.key, drawn)
      return drawn.element
    })
    if (this.isPart) {
      this.#top.style.height = `${first * this.#rowHeight}px`
      this.#bottom.style.height = `${(total - first - entries.length) * this.#rowHeight}px`
      place(this.#list, [this.#top, ...elements, this.#bottom])
      const height = elements[0]?.offsetHeight ?? 0
      if (height > 0) this.#rowHeight = height
    } else place(this.#list, elements)
    this.#oneTabStop()
  }

  #firstInView(total: number): number {
    const above = -this.#list.getBoundingClientRect().top
    const first = Math.floor(above / this.#rowHeight) - 15
    return Math.max(0, Math.min(total - inView, first))
  }

  /** Tab leads to one row, and the arrows lead from there to the others. */
  #oneTabStop(): void {
    const controls = [...this.#list.querySelectorAll<HTMLElement>(":scope > li > :is(a, button)")]
    const focused = controls.find((control) => control === document.activeElement)
    const current = controls.find((control) => control.getAttribute("aria-current") === "true")
    const stop = focused ?? current ?? controls[0]
    for (const control of controls) {
      const index = control === stop ? 0 : -1
      if (control.tabIndex !== index || !control.hasAttribute("tabindex")) control.tabIndex = index
    }
  }
}

const spacer = (): HTMLElement => {
  const element = document.createElement("li")
  element.className = "spacer"
  element.setAttribute("aria-hidden", "true")
  return element
}

/** A row that is drawn from other findings may look different, so this is compared. */
const withoutSources = (drawn: ReadonlyMap<string, DrawnRow>): Map<string, DrawnRow> =>
  new Map([...drawn].map(([key, row]) => [key, { ...row, row: undefined }]))

/** An open row changes by itself. */
const sourceOf = (entry: Entry): ExchangeRow | undefined =>
  entry.is === "row" && entry.row.state === "ended" && !entry.within ? entry.row : undefined

const rowOf = (
  entry: Entry,
  context: RowContext,
  from: string,
  known: DrawnRow | undefined,
): DrawnRow => {
  const row = sourceOf(entry)
  if (known !== undefined && row !== undefined && known.row === row && known.from === from) {
    return known
  }
  const html = entryMarkup(entry, context).text
  if (known?.html === html) return { ...known, from, row }
  const fresh = parsed(html).firstElementChild
  if (!(fresh instanceof HTMLElement)) throw new Error("an entry is not an element")
  if (known === undefined) return { html, element: fresh, from, row }
  patch(known.element, fresh)
  return { html, element: known.element, from, row }
}

/** The link of a row stays, because it may have the focus. Only its parts that differ are replaced. */
const patch = (row: HTMLElement, fresh: HTMLElement): void => {
  row.className = fresh.className
  const [old, next] = [row.firstElementChild, fresh.firstElementChild]
  if (old === null || next === null) {
    row.replaceChildren(...fresh.childNodes)
    return
  }
  for (const { name } of [...old.attributes]) {
    if (!next.hasAttribute(name) && name !== "tabindex") old.removeAttribute(name)
  }
  for (const { name, value } of next.attributes) old.setAttribute(name, value)
  const [known, wanted] = [[...old.children], [...next.children]]
  if (known.length !== wanted.length) {
    old.replaceChildren(...next.childNodes)
    return
  }
  for (const [index, part] of wanted.entries()) {
    const there = known[index]
    if (there !== undefined && !there.isEqualNode(part)) there.replaceWith(part)
  }
}

/** Puts the elements in this order, and moves only those that are elsewhere. */
const place = (parent: Element, elements: ReadonlyArray<Element>): void => {
  const wanted = new Set(elements)
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove()
  let at: Element | null = parent.firstElementChild
  for (const element of elements) {
    if (element === at) at = at.nextElementSibling
    else parent.insertBefore(element, at)
  }
}
