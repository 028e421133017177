/** One server as this browser sees it. What events carry goes in as text. */
import { byId } from "./element.js"

/** @typedef {"connecting" | "connected" | "ended" | "waiting" | "dropped" | "refused"} State */

/** @param {number} millis */
const duration = (millis) => {
  if (millis < 1000) return `${millis.toFixed(millis < 100 ? 1 : 0)} ms`
  if (millis < 60_000) return `${(millis / 1000).toFixed(1)} s`
  return `${Math.floor(millis / 60_000)} min ${Math.floor((millis / 1000) % 60)} s`
}

const clock = () => new Date().toTimeString().slice(0, 8)

/** @param {string} text @param {number} most */
export const shortened = (text, most) => (text.length > most ? `${text.slice(0, most)}…` : text)

/** @param {string} name @param {string} text @param {string} className */
const element = (name, text, className) => {
  const made = document.createElement(name)
  made.textContent = text
  made.className = className
  return made
}

/** A stream that ended sooner than this did not work. */
const workingMillis = 10_000

/** So many streams in a row may end early before the page waits longer than the browser does. */
const mostInRow = 5

const waits = [10, 20, 40, 60]

const eventsShown = 5

/** @type {Readonly<Record<State, string>>} */
const stateWords = {
  connecting: "connecting",
  connected: "connected",
  ended: "ended",
  waiting: "waiting",
  dropped: "dropped",
  refused: "refused",
}

/** Connects a column to its server, and shows what happens there. @param {string} side */
export const connect = (side) => {
  const column = byId(side)
  const url = column.dataset.events ?? ""
  /** @param {string} name */
  const part = (name) => {
    const found = column.querySelector(`[data-shows="${name}"], [data-does="${name}"]`)
    if (!(found instanceof HTMLElement)) throw new Error(`${side} has no ${name}`)
    return found
  }
  const events = part("events")
  const [drop, reopen] = [part("drop"), part("reopen")]

  /** @type {EventSource | undefined} */
  let source
  /** When the current stream opened, while it is open. @type {number | undefined} */
  let openedAt
  /** When the page connects again by itself. @type {number | undefined} */
  let againAt
  let hasOpened = false
  let inRow = 0
  let reconnects = 0
  let count = 0

  /** @param {State} state @param {string} why */
  const show = (state, why) => {
    column.dataset.state = state
    part("state").textContent = stateWords[state]
    part("why").textContent = why
    drop.toggleAttribute("disabled", source === undefined && againAt === undefined)
    reopen.toggleAttribute("disabled", state === "connected" || state === "connecting")
  }

  const close = () => {
    const wasOpen = openedAt
    source?.close()
    source = undefined
    openedAt = undefined
    againAt = undefined
    if (wasOpen !== undefined) showLived(performance.now() - wasOpen, "Last stream")
  }

  /** @param {number} millis @param {string} name */
  const showLived = (millis, name) => {
    part("lived-name").textContent = name
    part("lived").textContent = duration(millis)
  }

  const opened = () => {
    openedAt = performance.now()
    if (hasOpened) reconnects += 1
    hasOpened = true
    part("reconnects").textContent = String(reconnects)
    showLived(0, "This stream")
    show("connected", "the stream is open")
  }

  const failed = () => {
    const lived = openedAt === undefined ? undefined : performance.now() - openedAt
    openedAt = undefined
    if (lived !== undefined) showLived(lived, "Last stream")
    inRow = lived !== undefined && lived >= workingMillis ? 0 : inRow + 1
    if (source?.readyState === EventSource.CLOSED) {
      close()
      show("refused", "the server refused it, or is gone")
    } else if (inRow > mostInRow) waitLonger()
    else if (lived === undefined) show("ended", "cannot be reached; the browser tries again")
    else show("ended", "the server ended it; the browser connects again")
  }

  const waitLonger = () => {
    close()
    const seconds = waits[Math.min(waits.length, inRow - mostInRow) - 1] ?? 60
    againAt = performance.now() + seconds * 1000
    showWait()
  }

  const showWait = () => {
    if (againAt === undefined) return
    const left = Math.ceil((againAt - performance.now()) / 1000)
    show("waiting", `${inRow} streams in a row ended early: connects again in ${left} s`)
  }

  /** @param {MessageEvent<string>} message */
  const received = ({ data }) => {
    count += 1
    part("count").textContent = String(count)
    const { type, text } = read(data)
    const line = document.createElement("li")
    line.append(element("span", clock(), "at"), " ", element("strong", type, "type"), " ")
    line.append(element("span", text, "properties"))
    events.prepend(line)
    while (events.children.length > eventsShown) events.lastElementChild?.remove()
  }

  const open = () => {
    source = new EventSource(url)
    source.addEventListener("open", opened)
    source.addEventListener("error", failed)
    source.addEventListener("message", received)
    show("connecting", "")
  }

  drop.addEventListener("click", () => {
    close()
    show("dropped", "you closed it; Reopen connects again")
    reopen.focus()
  })
  reopen.addEventListener("click", () => {
    close()
    inRow = 0
    hasOpened = false
    open()
    drop.focus()
  })
  setInterval(() => {
    const now = performance.now()
    if (openedAt !== undefined) showLived(now - openedAt, "This stream")
    if (againAt === undefined) return
    if (now < againAt) showWait()
    else {
      againAt = undefined
      open()
    }
  }, 200)
  open()
}

/** What to show of an event: its type, and what it carries. @param {string} data */
const read = (data) => {
  try {
    const { type, properties } = JSON.parse(data)
    const carried = JSON.stringify(properties ?? {})
    const text = carried === "{}" ? "" : shortened(carried, 200)
    return { type: shortened(String(type), 100), text }
  } catch {
    return { type: "no JSON", text: shortened(data, 200) }
  }
}
