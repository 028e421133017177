import { momentAt } from "../../../otel/timeline/axis.ts"
import type { Layout } from "../../../otel/timeline/layout.ts"
import type { TimeWindow } from "../view/choice.ts"
import { shownUntil } from "../view/state.ts"
import { axisOf } from "../view/timeline.ts"
import { closest } from "./element.ts"
import type { Session } from "./session.ts"

/** The shortest visible part, in milliseconds. */
const shortest = 0.001

/** The part of the time axis that is shown: by keys, buttons, dragging and Ctrl with the wheel. */
export class Zoom {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
    document.addEventListener("pointerdown", (event) => this.#drag(event))
    document.addEventListener("wheel", (event) => this.#wheel(event), { passive: false })
    document.addEventListener("dblclick", ({ target }) => {
      const span = closest(target, "#detail .row [data-span]")?.dataset.span
      if (span !== undefined) this.toBar(span)
    })
  }

  all(): void {
    this.#session.choose({ window: undefined })
  }

  /** Shows half of it, or twice as much; `around` is from 0, the left edge, to 1. */
  by(factor: number, around = 0.5): void {
    const layout = this.#layout
    if (layout === undefined) return
    const { state } = this.#session
    const { choice } = state
    const axis = axisOf(layout, shownUntil(state), choice.window)
    if (factor > 1 && choice.window === undefined) return
    const from = around - around * factor
    const to = from + factor
    this.#show(
      factor < 1
        ? { from: momentAt(axis, from), to: momentAt(axis, to) }
        : widened(choice.window, factor, around),
    )
  }

  toBar(spanId: string | undefined): void {
    const row = this.#layout?.rows.find((it) => it.spanId === spanId)
    if (row === undefined) return
    const { start, end = this.#layout?.end ?? start } = row.interval
    const margin = Math.max(shortest, (end - start) * 0.05)
    this.#show({ from: start - margin, to: end + margin })
  }

  get #layout(): Layout | undefined {
    const { choice, details } = this.#session.state
    return choice.exchange === undefined ? undefined : details.get(choice.exchange)?.layout
  }

  #show(window: TimeWindow | undefined): void {
    const layout = this.#layout
    if (window === undefined || layout === undefined) return
    const whole = axisOf(layout, shownUntil(this.#session.state), undefined)
    const first = Math.min(0, ...layout.rows.map(({ interval }) => interval.start))
    const from = Math.max(first, window.from)
    const to = Math.min(whole.end, window.to)
    const isAll = from <= 0 && to >= whole.end
    if (to - from < shortest) return
    this.#session.choose({ window: isAll ? undefined : { from, to } })
  }

  #wheel(event: WheelEvent): void {
    const plot = closest(event.target, "#detail .plot")
    if (plot === undefined || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    this.by(event.deltaY < 0 ? 0.5 : 2, positionIn(plot, event.clientX))
  }

  #drag(down: PointerEvent): void {
    const ruler = closest(down.target, "#detail [data-ruler]")
    const plot = closest(ruler ?? null, ".plot")
    if (ruler === undefined || plot === undefined || down.button !== 0) return
    down.preventDefault()
    const start = positionIn(plot, down.clientX)
    const mark = document.createElement("div")
    mark.className = "dragged"
    ruler.append(mark)
    const move = ({ clientX }: PointerEvent) => {
      const [left, right] = [start, positionIn(plot, clientX)].sort((a, b) => a - b)
      mark.style.left = `${(left ?? 0) * 100}%`
      mark.style.width = `${((right ?? 0) - (left ?? 0)) * 100}%`
    }
    const up = (event: PointerEvent) => {
      removeEventListener("pointermove", move)
      mark.remove()
      const end = positionIn(plot, event.clientX)
      if (event.type === "pointerup" && Math.abs(end - start) > 0.01) this.#between(start, end)
    }
    addEventListener("pointermove", move)
    addEventListener("pointerup", up, { once: true })
    addEventListener("pointercancel", up, { once: true })
  }

  #between(a: number, b: number): void {
    const layout = this.#layout
    if (layout === undefined) return
    const { state } = this.#session
    const { choice } = state
    const axis = axisOf(layout, shownUntil(state), choice.window)
    this.#show({ from: momentAt(axis, Math.min(a, b)), to: momentAt(axis, Math.max(a, b)) })
  }
}

const widened = (
  window: TimeWindow | undefined,
  factor: number,
  around: number,
): TimeWindow | undefined => {
  if (window === undefined) return undefined
  const more = (window.to - window.from) * (factor - 1)
  return { from: window.from - more * around, to: window.to + more * (1 - around) }
}

/** From 0, the left edge of the time axis of a plot, to 1. */
const positionIn = (plot: Element, clientX: number): number => {
  const ruler = plot.querySelector("[data-ruler]")?.getBoundingClientRect()
  if (ruler === undefined || ruler.width === 0) return 0
  return Math.min(1, Math.max(0, (clientX - ruler.left) / ruler.width))
}
