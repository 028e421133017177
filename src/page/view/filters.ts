import { type Markup, markup } from "../markup.ts"
import { chips } from "./choice.ts"
import { grouped } from "./clock.ts"
import { runName } from "./run-name.ts"
import type { PageState } from "./state.ts"

/** Nobody reads a list of more routes than this. */
const mostRoutes = 200

/** What is listed: how many, and what the reader chose. The field keeps what is typed into it. */
export const filters = (state: PageState, shown: number): Markup => {
  const { choice, snapshot } = state
  const routes = [...new Set(snapshot.rows.map(({ route }) => route))].sort().slice(0, mostRoutes)
  const runs = [...new Set(snapshot.runs.map(({ number }) => number))].sort((a, b) => a - b)
  return markup`<h2 id="exchanges-name">Exchanges</h2>
<label class="search"><span>Search</span> <input id="search" type="search" autocomplete="off" spellcheck="false"></label>
<span class="chips" role="group" aria-label="Show only">${chips.map(
    (chip) =>
      markup`<button type="button" class="chip" data-does="only" data-chip="${chip}" aria-pressed="${
        choice.only.includes(chip) ? "true" : "false"
      }">${chip}</button> `,
  )}</span>
${
  runs.length < 2
    ? undefined
    : select(
        "run",
        "all runs",
        choice.run === undefined ? "" : String(choice.run),
        runs.map((run) => [String(run), runName(snapshot.runs, run)]),
      )
}
${select(
  "route",
  "all routes",
  choice.route ?? "",
  routes.map((route) => [route, route]),
)}
<output id="shown" for="search">${grouped(shown)} of ${grouped(snapshot.rows.length)} shown</output>
${
  shown === 0 && snapshot.rows.length > 0
    ? markup`<p class="none">No exchange matches. <button type="button" data-does="show-all">Show all</button></p>`
    : undefined
}`
}

const select = (
  name: string,
  all: string,
  chosen: string,
  options: ReadonlyArray<readonly [value: string, text: string]>,
): Markup =>
  markup`<select data-choice="${name}" aria-label="${name}">${[["", all] as const, ...options].map(
    ([value, text]) =>
      markup`<option value="${value}"${value === chosen ? selected : undefined}>${text}</option>`,
  )}</select>`

const selected = markup` selected`
