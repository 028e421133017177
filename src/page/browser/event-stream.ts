import { timeOfDay } from "../view/clock.ts"

type State = "connecting" | "connected" | "ended" | "waiting" | "dropped" | "refused"

/** A stream that ended sooner than this did not work. */
const workingMillis = 10_000

/** So many streams in a row may end early before the page waits longer than the browser does. */
const mostInRow = 5

const waits = [10, 20, 40, 60]

const eventsShown = 5

/** One event stream as this browser sees it. The data of events is inserted as text. */
export class ShownStream {
  readonly #column: HTMLElement
  #source: EventSource | undefined
  /** When the current stream opened, while it is open. */
  #openedAt: number | undefined
  /** When the page connects again by itself. */
  #againAt: number | undefined
  #hasOpened = false
  #inRow = 0
  #reconnects = 0
  #count = 0

  constructor(column: HTMLElement) {
    this.#column = column
    const [drop, reopen] = [this.#part("drop"), this.#part("reopen")]
    drop.addEventListener("click", () => {
      this.#close()
      this.#show("dropped", "you closed it; Reopen connects again")
      reopen.focus()
    })
    reopen.addEventListener("click", () => {
      this.#close()
      this.#inRow = 0
      this.#hasOpened = false
      this.#open()
      drop.focus()
    })
    setInterval(() => this.#tick(), 200)
    this.#open()
  }

  #part(name: string): HTMLElement {
    const found = this.#column.querySelector<HTMLElement>(`[data-shows="${name}"]`)
    if (found === null) throw new Error(`there is no ${name}`)
    return found
  }

  #show(state: State, why: string): void {
    this.#column.dataset.state = state
    this.#part("state").textContent = state
    this.#part("why").textContent = why
    const isIdle = this.#source === undefined && this.#againAt === undefined
    this.#part("drop").toggleAttribute("disabled", isIdle)
    this.#part("reopen").toggleAttribute(
      "disabled",
      state === "connected" || state === "connecting",
    )
  }

  #showLived(millis: number, name: string): void {
    this.#part("lived-name").textContent = name
    this.#part("lived").textContent = durationText(millis)
  }

  #open(): void {
    const source = new EventSource(this.#column.dataset.events ?? "")
    this.#source = source
    source.addEventListener("open", () => this.#opened())
    source.addEventListener("error", () => this.#failed())
    source.addEventListener("message", ({ data }) => this.#received(String(data)))
    this.#show("connecting", "")
  }

  #close(): void {
    const wasOpen = this.#openedAt
    this.#source?.close()
    this.#source = undefined
    this.#openedAt = undefined
    this.#againAt = undefined
    if (wasOpen !== undefined) this.#showLived(performance.now() - wasOpen, "Last stream")
  }

  #opened(): void {
    this.#openedAt = performance.now()
    if (this.#hasOpened) this.#reconnects += 1
    this.#hasOpened = true
    this.#part("reconnects").textContent = String(this.#reconnects)
    this.#showLived(0, "This stream")
    this.#show("connected", "the stream is open")
  }

  #failed(): void {
    const lived = this.#openedAt === undefined ? undefined : performance.now() - this.#openedAt
    this.#openedAt = undefined
    if (lived !== undefined) this.#showLived(lived, "Last stream")
    this.#inRow = lived !== undefined && lived >= workingMillis ? 0 : this.#inRow + 1
    if (this.#source?.readyState === EventSource.CLOSED) {
      this.#close()
      this.#show("refused", "the server refused it, or is gone")
    } else if (this.#inRow > mostInRow) this.#waitLonger()
    else if (lived === undefined) this.#show("ended", "cannot be reached; the browser tries again")
    else this.#show("ended", "the server ended it; the browser connects again")
  }

  #waitLonger(): void {
    this.#close()
    const seconds = waits[Math.min(waits.length, this.#inRow - mostInRow) - 1] ?? 60
    this.#againAt = performance.now() + seconds * 1000
    this.#tick()
  }

  #tick(): void {
    const now = performance.now()
    if (this.#openedAt !== undefined) this.#showLived(now - this.#openedAt, "This stream")
    if (this.#againAt === undefined) return
    if (now < this.#againAt) {
      const left = Math.ceil((this.#againAt - now) / 1000)
      this.#show(
        "waiting",
        `${this.#inRow} streams in a row ended early: connects again in ${left} s`,
      )
    } else {
      this.#againAt = undefined
      this.#open()
    }
  }

  #received(data: string): void {
    this.#count += 1
    this.#part("count").textContent = String(this.#count)
    const { type, text } = eventText(data)
    const line = document.createElement("li")
    const named = document.createElement("strong")
    named.textContent = type
    line.append(`${timeOfDay(Date.now() * 1000)} `, named, ` ${text}`)
    const events = this.#part("events")
    events.prepend(line)
    while (events.children.length > eventsShown) events.lastElementChild?.remove()
  }
}

/** What to show of an event: its type, and what it carries. */
const eventText = (data: string) => {
  try {
    const { type, properties } = JSON.parse(data)
    const carried = JSON.stringify(properties ?? {})
    return {
      type: shortened(String(type), 100),
      text: carried === "{}" ? "" : shortened(carried, 200),
    }
  } catch {
    return { type: "no JSON", text: shortened(data, 200) }
  }
}

export const shortened = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most)}…` : text

const durationText = (millis: number): string => {
  if (millis < 1000) return `${millis.toFixed(millis < 100 ? 1 : 0)} ms`
  if (millis < 60_000) return `${(millis / 1000).toFixed(1)} s`
  return `${Math.floor(millis / 60_000)} min ${Math.floor((millis / 1000) % 60)} s`
}
