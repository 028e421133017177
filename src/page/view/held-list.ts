import { plural } from "../../../otel/lifetimes/counted.ts"
import { type Markup, markup } from "../markup.ts"
import type { HeldPlace, Snapshot } from "../snapshot.ts"
import { ageAt, grouped, timeOfDay } from "./clock.ts"
import { codePlace } from "./code-place.ts"
import type { PageState } from "./state.ts"

const mostPlaces = 100

export const heldKey = ({ kind, name = "", place }: HeldPlace): string =>
  [kind, name, place?.function ?? "", place?.file ?? "", place?.line ?? ""].join(" ")

/** What the program holds now, by the function that opened it. */
export const heldList = (state: PageState): Markup => {
  const { held, heldRest } = state.snapshot
  const all = held.reduce((sum, { count }) => sum + count, heldRest)
  return markup`<h2 id="held-name" tabindex="-1">Held now</h2>
${state.mode === "live" ? markup`<p class="actions"><button type="button" data-does="mark">Mark</button></p>` : undefined}
${
  held.length === 0
    ? markup`<p class="muted">${nothingText(state.snapshot)}</p>`
    : markup`<ul class="held">${held.slice(0, mostPlaces).map((place) => heldLine(place, state))}</ul>
<p class="muted">${grouped(all)} in all, counted in the program.${
        state.mark === undefined ? "" : ` Marked at ${timeOfDay(state.mark.at)}.`
      }</p>`
}`
}

const nothingText = (snapshot: Snapshot): string => {
  if (isGone(snapshot)) return "The program has ended: it holds nothing any more."
  // Whoever has an exchange open holds at least its scope.
  return snapshot.counts.open > 0
    ? "The program has not told what it holds open."
    : "The program reports nothing that it holds open."
}

const isGone = ({ runs }: Snapshot): boolean =>
  runs.length > 0 && runs.every(({ endedAt }) => endedAt !== undefined)

/** Behind a count: `subscriptions bus`, or `unnamed subscriptions`. */
export const heldWhat = ({ kind, name = "", count }: HeldPlace): string =>
  (name.startsWith("unnamed") ? ["unnamed", plural(count, kind)] : [plural(count, kind), name])
    .join(" ")
    .trim()

const heldLine = (held: HeldPlace, state: PageState): Markup => {
  const { name, place, count, oldestAt, inLastMinute, grew } = held
  const key = heldKey(held)
  const since = state.mark === undefined ? undefined : count - (state.mark.counts.get(key) ?? 0)
  const words = place?.function ?? name ?? ""
  return markup`<li class="place${grew ? " grew" : ""}" data-key="${key}"><button type="button" class="filter" data-does="find" data-words="${words}"><strong>${grouped(count)}</strong> ${heldWhat(held)}</button> ${
    place === undefined ? undefined : codePlace(place, state.snapshot)
  } <span class="age">oldest ${ageAt(state.now, oldestAt)}</span>${
    inLastMinute > 0
      ? markup` <span class="more">+${grouped(inLastMinute)} in 1 min</span>`
      : undefined
  }${grew ? markup` <span class="more">↑ grew</span>` : undefined}${
    since === undefined || since === 0
      ? undefined
      : markup` <strong class="since">${since > 0 ? "+" : "−"}${Math.abs(since)} since the mark</strong>`
  }</li>`
}
