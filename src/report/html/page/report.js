/**
 * The table of spans, and what the keyboard does beside it. All text goes in as text: names and
 * attributes come from outside.
 */

/**
 * @typedef {ReadonlyArray<readonly [string, string]>} Entries
 * @typedef {object} TableSpan
 * @property {string} trace
 * @property {string} id
 * @property {string} parent
 * @property {string} name
 * @property {string} kind
 * @property {string} service
 * @property {string} status
 * @property {number} start
 * @property {number} duration
 * @property {Entries} attributes
 * @property {ReadonlyArray<readonly [number, string, Entries]>} events
 */

const rowsAtOnce = 200

/** @param {string} id */
const byId = (id) => {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`there is no ${id}`)
  return element
}

/** @type {ReadonlyArray<TableSpan>} */
const spans = JSON.parse(byId("span-list").textContent ?? "[]")
const search = /** @type {HTMLInputElement} */ (byId("search"))
const body = byId("rows")
const more = byId("more")

/** What a search looks through, made when it is first needed. @type {string[] | undefined} */
let texts

/** @param {TableSpan} span */
const textOf = ({ trace, id, parent, name, kind, service, status, attributes, events }) =>
  JSON.stringify([trace, id, parent, name, kind, service, status, attributes, events]).toLowerCase()

/** @type {ReadonlyArray<TableSpan>} */
let found = spans
let shown = 0

/** @param {number} millis */
const time = (millis) => `${millis.toFixed(Math.abs(millis) < 100 ? 2 : 0)} ms`

/**
 * @param {string} name
 * @param {string} text
 * @param {string} [className]
 */
const element = (name, text, className) => {
  const made = document.createElement(name)
  made.textContent = text
  if (className !== undefined) made.className = className
  return made
}

/** @param {Entries} entries */
const list = (entries) => {
  const made = document.createElement("dl")
  for (const [key, value] of entries) {
    const entry = document.createElement("div")
    entry.append(element("dt", key), element("dd", value))
    made.append(entry)
  }
  return made
}

/** @param {TableSpan} span */
const details = ({ trace, id, parent, kind, attributes, events }) => {
  const made = document.createElement("details")
  const count = `${attributes.length} attributes, ${events.length} events`
  made.append(element("summary", count))
  made.addEventListener(
    "toggle",
    () => {
      made.append(
        list([["trace", trace], ["span", id], ["parent", parent], ["kind", kind], ...attributes]),
        ...events.map(([at, name, of]) => {
          const event = document.createElement("div")
          event.append(element("p", `${time(at)} ${name}`), list(of))
          return event
        }),
      )
    },
    { once: true },
  )
  return made
}

/** @param {TableSpan} span */
const row = (span) => {
  const made = document.createElement("tr")
  const last = document.createElement("td")
  last.append(details(span))
  made.append(
    element("td", time(span.start), "number"),
    element("td", time(span.duration), "number"),
    element("td", span.name),
    element("td", span.service),
    element("td", span.status),
    last,
  )
  return made
}

const showMore = () => {
  const next = found.slice(shown, shown + rowsAtOnce)
  body.append(...next.map(row))
  shown += next.length
  more.hidden = shown >= found.length
  const part = more.hidden ? "" : `, ${shown} shown`
  byId("found").textContent = `${found.length} of ${spans.length} spans${part}`
}

const filter = () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
  texts ??= spans.map(textOf)
  found = spans.filter((_, index) => words.every((word) => texts?.[index]?.includes(word)))
  body.replaceChildren()
  shown = 0
  showMore()
}

/** @type {number | undefined} */
let pending
search.addEventListener("input", () => {
  clearTimeout(pending)
  pending = setTimeout(filter, 80)
})
more.addEventListener("click", showMore)

// A bar, or an example of a finding, leads to its span.
document.addEventListener("click", ({ target }) => {
  const span = target instanceof Element ? target.closest("[data-span]") : null
  if (!(span instanceof HTMLElement)) return
  search.value = span.dataset.span ?? ""
  filter()
  search.scrollIntoView({ block: "nearest" })
})

// What opens by pointing at it has to close by a key.
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return
  for (const open of document.querySelectorAll(".row:hover, .row:focus-within")) {
    open.classList.add("dismissed")
    const again = () => open.classList.remove("dismissed")
    open.addEventListener("pointerleave", again, { once: true })
    open.addEventListener("focusout", again, { once: true })
  }
})

showMore()
