import * as Effect from "effect/Effect"
import type { Frozen } from "../page/packed.ts"
import type { ExchangeDetail, ExchangeId, Snapshot } from "../page/snapshot.ts"
import type { WatchedProgram } from "./watched-program.ts"

/** Of JSON; packed into a file it is about a tenth of that. */
const mostCharacters = 40_000_000
const mostWhole = 1_000
/** Of each route, of those about which nothing was found. */
const ofRoute = 3

/** The page as it is now, to be kept: with the exchanges that tell most, as far as there is room, and what was left out. */
export const frozenOf = Effect.fnUntraced(function* (program: WatchedProgram["Service"]) {
  const snapshot = yield* program.snapshot
  const wanted = wantedOf(snapshot)
  const details: Array<ExchangeDetail> = []
  let room = mostCharacters - JSON.stringify(snapshot).length
  for (const id of wanted) {
    const detail = yield* program.detail(id)
    if (detail === undefined) continue
    room -= JSON.stringify(detail).length
    if (room < 0) break
    details.push(detail)
  }
  const note = `${details.length} of ${snapshot.rows.length} listed exchanges are kept whole in this file, those with a problem first.`
  const notes = details.length < snapshot.rows.length ? [...snapshot.notes, note] : snapshot.notes
  const frozen: Frozen = { snapshot: { ...snapshot, notes }, details }
  return frozen
})

/** Examples of what was found first, then what is open, then the latest of each route. */
const wantedOf = ({ findings, rows }: Snapshot): ReadonlyArray<ExchangeId> => {
  const first = findings.flatMap(({ examples: [example] }) => example ?? [])
  const others = findings.flatMap(({ examples: [, ...examples] }) => examples)
  const open = rows.filter(({ endedAt }) => endedAt === undefined).map(({ id }) => id)
  const routes = Map.groupBy(rows, ({ service, route }) => JSON.stringify([service, route]))
  const healthy = [...routes.values()].flatMap((all) => all.slice(0, ofRoute).map(({ id }) => id))
  const rest = rows.map(({ id }) => id)
  return [...new Set([...first, ...others, ...open, ...healthy, ...rest])].slice(0, mostWhole)
}
