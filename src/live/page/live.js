/**
 * The live page: one `EventSource` to each server, one to the page's own for what it draws. Text of
 * events goes in as text; markup comes from the page's own server alone, which has escaped what is in it.
 */

/** @typedef {"connecting" | "connected" | "ended" | "waiting" | "dropped" | "refused"} State */

/**
 * @typedef {object} Update
 * @property {string} run
 * @property {number} revision
 * @property {Readonly<Record<string, string>>} parts
 */

/** @param {string} id */
const byId = (id) => {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`there is no ${id}`)
  return element
}

/** @param {number} millis */
const duration = (millis) => {
  if (millis < 1000) return `${millis.toFixed(millis < 100 ? 1 : 0)} ms`
  if (millis < 60_000) return `${(millis / 1000).toFixed(1)} s`
  return `${Math.floor(millis / 60_000)} min ${Math.floor((millis / 1000) % 60)} s`
}

const clock = () => new Date().toTimeString().slice(0, 8)

/** @param {string} text @param {number} most */
const shortened = (text, most) => (text.length > most ? `${text.slice(0, most)}…` : text)

/** @param {string} name @param {string} text @param {string} className */
const element = (name, text, className) => {
  const made = document.createElement(name)
  made.textContent = text
  made.className = className
  return made
}

/* The two columns. */

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

/** @param {string} side */
const connect = (side) => {
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

const sides = ["broken", "fixed"]
for (const side of sides) connect(side)

/* Publishing. */

let published = 0

byId("publish").addEventListener("submit", (submitted) => {
  submitted.preventDefault()
  const type = /** @type {HTMLInputElement} */ (byId("type")).value
  published += 1
  const body = JSON.stringify({ type, properties: { number: published } })
  const headers = { "content-type": "application/json" }
  const posts = sides.map(async (side) => {
    const url = byId(side).dataset.events ?? ""
    const response = await fetch(url, { method: "POST", headers, body }).catch(() => undefined)
    return response?.ok === true ? [] : [side]
  })
  const number = published
  Promise.all(posts).then((failures) => {
    const failed = failures.flat()
    byId("said").textContent =
      failed.length === 0
        ? `Published ${shortened(type, 60)}, number ${number}, to both servers.`
        : `Number ${number} did not reach ${failed.join(" and ")}.`
  })
})

/* What the page's own server draws. */

/** Makes `old` like `fresh` where it stands, so that what has the focus or is open stays so. @param {Element} old @param {Element} fresh */
const become = (old, fresh) => {
  const isOpen = old instanceof HTMLDetailsElement && old.open
  const isDismissed = old.classList.contains("dismissed")
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name)) old.removeAttribute(name)
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value)
  }
  if (isOpen) old.setAttribute("open", "")
  if (isDismissed) old.classList.add("dismissed")
  contain(old, fresh)
}

/** The same of what is in it. @param {Element} old @param {Element | DocumentFragment} fresh */
const contain = (old, fresh) => {
  const nodes = [...fresh.childNodes]
  nodes.forEach((node, index) => {
    const known = old.childNodes[index]
    if (known === undefined) old.append(node)
    else if (known instanceof Element && node instanceof Element && isSame(known, node)) {
      become(known, node)
    } else if (!known.isEqualNode(node)) known.replaceWith(node)
  })
  while (old.childNodes.length > nodes.length) old.lastChild?.remove()
}

/** @param {Element} a @param {Element} b */
const isSame = (a, b) =>
  a.nodeName === b.nodeName &&
  a.getAttribute("data-span") === b.getAttribute("data-span") &&
  a.getAttribute("data-rule") === b.getAttribute("data-rule")

/** @param {string} html */
const parsed = (html) => {
  const template = document.createElement("template")
  template.innerHTML = html
  return template.content
}

/** @type {Set<string>} */
const rulesSeen = new Set()

/** Says once what has been found. */
const tellNews = () => {
  for (const side of sides) {
    for (const card of byId(`${side}-findings`).querySelectorAll("[data-rule]")) {
      const key = `${side}: ${card.getAttribute("data-rule")}`
      if (rulesSeen.has(key)) continue
      rulesSeen.add(key)
      byId("news").textContent = `Found, ${key}. ${card.querySelector("p")?.textContent}`
    }
  }
}

/** @type {string | undefined} */
let run
let revision = -1

/** @param {Update} update */
const take = (update) => {
  if (run !== undefined && run !== update.run) location.reload()
  run = update.run
  if (update.revision <= revision) return
  revision = update.revision
  for (const [id, html] of Object.entries(update.parts)) contain(byId(id), parsed(html))
  tellNews()
}

/** Everything as it is now; what comes later comes over the stream. */
const takeAll = async () => {
  const response = await fetch("/parts")
  take(await response.json())
}

const updates = new EventSource("/event")
updates.addEventListener("message", ({ data }) => {
  const { type, properties } = JSON.parse(data)
  if (type === "server.connected") takeAll().catch(lose)
  else if (type === "live.update") take(properties)
})

const lost = byId("lost")
const lose = () => {
  lost.hidden = false
  lost.textContent =
    "The program that serves this page cannot be reached: what is drawn below may be old."
}
updates.addEventListener("error", lose)
updates.addEventListener("open", () => {
  lost.hidden = true
  lost.textContent = ""
})
