/** The live page: its two streams, what is published to them, and what its own server draws. */
import { connect, shortened } from "./column.js"
import { byId } from "./element.js"
import { contain, parsed } from "./redraw.js"

/**
 * @typedef {object} Update
 * @property {string} run
 * @property {number} revision
 * @property {Readonly<Record<string, string>>} parts
 */

const sides = ["broken", "fixed"]
for (const side of sides) connect(side)

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

/** Which state each part shows: what was asked for and what was pushed may come in any order. @type {Map<string, number>} */
const revisions = new Map()

/** @param {Update} update */
const take = (update) => {
  if (run !== undefined && run !== update.run) location.reload()
  run = update.run
  for (const [id, html] of Object.entries(update.parts)) {
    if (update.revision < (revisions.get(id) ?? 0)) continue
    revisions.set(id, update.revision)
    contain(byId(id), parsed(html))
  }
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
