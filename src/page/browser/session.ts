import type { ExchangeDetail, ExchangeId, Snapshot } from "../snapshot.ts"
import { type Choice, choiceOf, fragmentOf } from "../view/choice.ts"
import { detailView } from "../view/detail.ts"
import { haveServices } from "../view/exchange-row.ts"
import { entriesOf, listed } from "../view/listing.ts"
import { drawingsOf, regionNames, regionsOf } from "../view/page.ts"
import { afterRestart, kindsById, type PageState } from "../view/state.ts"
import { titleText } from "../view/status-bar.ts"
import { Drawn, detailSources, drawingSources } from "./drawn.ts"
import { byId, inputOf } from "./element.ts"
import { ExchangeList } from "./exchange-list.ts"
import { HeldRows } from "./held-rows.ts"
import { show } from "./redraw.ts"

/** Details of exchanges that the reader looked at. Those of findings are kept besides. */
const mostDetails = 20

/**
 * A reader whose pointer is here reads the list, or is on the way from it to the button for new rows: the button
 * must not be gone when they come to it.
 */
const pointedAt = ["list", "heads", "pill"]

/** What the page shows, and when it is drawn again. */
export class Session {
  readonly list = new ExchangeList()
  readonly #held = new HeldRows()
  readonly #detail = new Drawn()
  readonly #drawings = new Drawn()
  #state: PageState
  /** What came while the page is paused. */
  #latest: Snapshot | undefined
  #isDrawing = false
  #isPointedAt = false
  #wasStill = false
  /** Whose rows are shown. */
  #server: string | undefined

  constructor(state: PageState) {
    this.#state = { ...state, choice: choiceOf(location.hash) }
    for (const id of pointedAt) {
      byId(id).addEventListener("pointerenter", () => this.#pointer(true))
      byId(id).addEventListener("pointerleave", () => this.#pointer(false))
    }
    document.addEventListener("visibilitychange", () => this.draw())
    addEventListener("popstate", () => this.#readAddress())
    addEventListener("scroll", () => this.#scrolled(), { passive: true })
  }

  get state(): PageState {
    return this.#state
  }

  /** The newest that is known, shown or not. */
  get latest(): Snapshot {
    return this.#latest ?? this.#state.snapshot
  }

  change(change: Partial<PageState>): void {
    this.#state = { ...this.#state, ...change }
    this.draw()
  }

  take(snapshot: Snapshot): void {
    this.#latest = snapshot
    if (this.#state.paused) return
    this.#showSnapshot(snapshot)
  }

  #showSnapshot(snapshot: Snapshot): void {
    const { server } = this.#state.snapshot
    if (server !== "" && server !== snapshot.server) {
      this.#state = afterRestart(this.#state, snapshot)
    }
    this.change({ snapshot, lostAt: undefined })
  }

  pause(paused: boolean): void {
    this.change({ paused })
    if (!paused && this.#latest !== undefined) this.#showSnapshot(this.#latest)
  }

  /** Applies a choice, and stores it in the address: as a new entry of the history if it opens something. */
  choose(choice: Partial<Choice>, { step = false } = {}): void {
    const chosen = { ...this.#state.choice, ...choice }
    const narrows = ["query", "only", "run", "route", "order"].some((name) => name in choice)
    if (narrows) this.#held.release()
    const fragment = fragmentOf(chosen)
    if (step) history.pushState(null, "", fragment)
    else history.replaceState(history.state, "", fragment)
    this.change({ choice: chosen })
  }

  #readAddress(): void {
    this.#held.release()
    this.change({ choice: choiceOf(location.hash) })
  }

  keep(detail: ExchangeDetail): void {
    const details = new Map(this.#state.details)
    details.delete(detail.id)
    details.set(detail.id, detail)
    const examples = new Set(this.#state.snapshot.findings.map(({ examples: [first] }) => first))
    const others = [...details.keys()].filter((id) => !examples.has(id))
    for (const id of others.slice(0, Math.max(0, others.length - mostDetails))) details.delete(id)
    const old = this.#state.old?.id === detail.id ? undefined : this.#state.old
    this.change({ details, old })
  }

  miss(id: ExchangeId): void {
    this.change({ missing: new Set([...this.#state.missing, id]) })
  }

  /** What was missing has come. */
  meet(ids: ReadonlyArray<ExchangeId>): void {
    const { missing } = this.#state
    if (!ids.some((id) => missing.has(id))) return
    this.change({ missing: new Set([...missing].filter((id) => !ids.includes(id))) })
  }

  /** Adds the rows that wait, and shows them. */
  showNews(): void {
    this.#held.release()
    // What is hidden under the pointer need not tell that the pointer has left it.
    this.#isPointedAt = false
    this.draw()
    byId("exchanges").scrollIntoView({ block: "start" })
  }

  /** Draws as soon as the browser does. A hidden page only updates its title. */
  draw(): void {
    if (this.#isDrawing) return
    this.#isDrawing = true
    const later = document.hidden
      ? (run: () => void) => setTimeout(run, 200)
      : (run: () => void) => requestAnimationFrame(run)
    later(() => {
      this.#isDrawing = false
      this.drawNow()
    })
  }

  drawNow(): void {
    const state = this.#state
    document.title = titleText(state)
    if (document.hidden) return
    const { snapshot, choice, now, unfolded, clearedAt = 0 } = state
    const kinds = this.#kindsOf(snapshot)
    const current = snapshot.rows.filter(
      ({ endedAt, kinds }) => endedAt === undefined || endedAt >= clearedAt || kinds.length > 0,
    )
    // A restarted server has none of these rows, and knows nothing of the findings about them.
    if (snapshot.server !== this.#server) this.#held.release()
    this.#server = snapshot.server
    this.#wasStill = this.#isStill()
    const { rows, waiting } = this.#held.show(current, this.#wasStill)
    const shown = listed(rows, choice, kinds, now)
    const context = {
      kinds,
      now,
      selected: choice.exchange,
      runs: snapshot.runs,
      hasServices: haveServices(snapshot.rows),
    }
    this.list.show(entriesOf(shown, choice.order, unfolded), context)
    const regions = regionsOf(state, shown.length, {
      drawings: this.#drawings.show(drawingSources(state), () => drawingsOf(state)),
      detail: this.#detail.show(detailSources(state), () => detailView(state)),
    })
    for (const name of regionNames) show(byId(name), regions[name])
    document.body.classList.toggle("has-detail", choice.exchange !== undefined)
    this.#showAround(listed(waiting, choice, kinds, now).length, shown.length)
    this.#showFields()
  }

  /** The same map for the same findings, so that what is drawn from it need not be compared. */
  #kindsOf(snapshot: Snapshot): ReturnType<typeof kindsById> {
    if (this.#kinds?.of !== snapshot.findings) {
      this.#kinds = { of: snapshot.findings, byId: kindsById(snapshot) }
    }
    return this.#kinds.byId
  }

  #kinds:
    | { readonly of: Snapshot["findings"]; readonly byId: ReturnType<typeof kindsById> }
    | undefined

  /** Nothing may move while somebody reads. */
  #isStill(): boolean {
    const { choice, paused, mode } = this.#state
    return (
      mode === "frozen" ||
      paused ||
      choice.exchange !== undefined ||
      this.#isPointedAt ||
      byId("list").contains(document.activeElement) ||
      byId("pill") === document.activeElement ||
      byId("list").getBoundingClientRect().top < 0
    )
  }

  /** The position of the list decides whether it may move, and changes nothing else here. */
  #scrolled(): void {
    if (this.#isStill() !== this.#wasStill) this.draw()
  }

  #pointer(over: boolean): void {
    this.#isPointedAt = over
    this.draw()
  }

  #showAround(waiting: number, shown: number): void {
    const pill = byId("pill")
    pill.hidden = waiting === 0
    pill.textContent = `▲ ${waiting} new`
    byId("heads").hidden = shown === 0
    for (const head of byId("heads").querySelectorAll("button")) {
      const pressed = head.dataset.order === this.#state.choice.order
      head.setAttribute("aria-pressed", String(pressed))
    }
    const more = byId("more")
    more.hidden = !this.list.isPart
    more.textContent = this.list.isPart
      ? "Only rows in view are in the document: search here, not with the browser."
      : ""
  }

  /** Fields keep what is typed into them, even if the address says something else. */
  #showFields(): void {
    const { choice, within } = this.#state
    for (const [id, value] of [
      ["search", choice.query],
      ["within", within],
    ] as const) {
      const field = inputOf(id)
      if (field !== undefined && field !== document.activeElement && field.value !== value) {
        field.value = value
      }
    }
    for (const field of byId("filters").querySelectorAll("select")) {
      const value = field.dataset.choice === "run" ? String(choice.run ?? "") : (choice.route ?? "")
      if (field.value !== value) field.value = value
    }
  }
}
