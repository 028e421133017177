/**
 * The table of spans. All text goes in as text: names and
 * attributes come from outside.
 */

/**
 * Texts are named by their place in the list of all texts.
 *
 * @typedef {ReadonlyArray<readonly [key: number, value: number]>} Entries
 * @typedef {object} TableSpan
 * @property {number} trace
 * @property {string} id
 * @property {string} parent
 * @property {number} name
 * @property {number} kind
 * @property {number} service
 * @property {number} status
 * @property {number} start
 * @property {number} duration
 * @property {Entries} attributes
 * @property {ReadonlyArray<readonly [at: number, name: number, of: Entries]>} events
 */

const rowsAtOnce = 100

/** As many as tell the traces of one report apart. */
const traceDigits = 8

/** @param {string} id */
const byId = (id) => {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`there is no ${id}`)
  return element
}

/** @type {{ readonly texts: ReadonlyArray<string>, readonly spans: ReadonlyArray<TableSpan> }} */
const { texts, spans } = JSON.parse(byId("span-list").textContent ?? "{}")
const search = /** @type {HTMLInputElement} */ (byId("search"))
const body = byId("rows")
const more = byId("more")

/** @param {number} index */
const text = (index) => texts[index] ?? ""

/** @param {TableSpan} span */
const textsOf = ({ trace, name, kind, service, status, attributes, events }) => [
  trace,
  name,
  kind,
  service,
  status,
  ...attributes.flat(),
  ...events.flatMap(([, name, of]) => [name, ...of.flat()]),
]

/** Says of a span whether the word stands in it; every text is looked through once. @param {string} word */
const saying = (word) => {
  const holds = texts.map((it) => it.toLowerCase().includes(word))
  return (/** @type {TableSpan} */ span) =>
    span.id.includes(word) ||
    span.parent.includes(word) ||
    textsOf(span).some((index) => holds[index])
}

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

/** @param {ReadonlyArray<readonly [string, string]>} entries */
const list = (entries) => {
  const made = document.createElement("dl")
  for (const [key, value] of entries) {
    const entry = document.createElement("div")
    entry.append(element("dt", key), element("dd", value))
    made.append(entry)
  }
  return made
}

/** @param {Entries} entries @returns {ReadonlyArray<readonly [string, string]>} */
const inWords = (entries) => entries.map(([key, value]) => [text(key), text(value)])

/** @param {number} count @param {string} what */
const counted = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`

/** @param {TableSpan} span */
const details = ({ trace, id, parent, kind, attributes, events }) => {
  const made = document.createElement("details")
  const said = [counted(attributes.length, "attribute"), counted(events.length, "event")]
  made.append(element("summary", said.join(", ")))
  const open = () => {
    made.append(
      list([
        ["trace", text(trace)],
        ["span", id],
        ["parent", parent],
        ["kind", text(kind)],
        ...inWords(attributes),
      ]),
      ...events.map(([at, name, of]) => {
        const event = document.createElement("div")
        event.append(element("p", `${time(at)} ${text(name)}`), list(inWords(of)))
        return event
      }),
    )
  }
  made.addEventListener("toggle", open, { once: true })
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
    element("td", text(span.name)),
    element("td", text(span.service)),
    element("td", text(span.trace).slice(0, traceDigits), "trace"),
    element("td", text(span.status)),
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
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean).map(saying)
  found = spans.filter((span) => words.every((says) => says(span)))
  body.replaceChildren()
  shown = 0
  showMore()
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let pending
search.addEventListener("input", () => {
  clearTimeout(pending)
  pending = setTimeout(filter, 80)
})
more.addEventListener("click", showMore)

// A bar, or an example of a finding, leads to its span; so does the keyboard, which goes on from there.
document.addEventListener("click", ({ target }) => {
  const span = target instanceof Element ? target.closest("[data-span]") : null
  if (!(span instanceof HTMLElement)) return
  search.value = span.dataset.span ?? ""
  filter()
  byId("table").focus({ preventScroll: true })
  search.scrollIntoView({ block: "nearest" })
})

showMore()
