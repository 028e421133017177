import type { ClientView } from "./clients.ts"
import { isDamaged, isFed, leavesOut, mayEnd } from "./nature.ts"
import type { Plan } from "./plan.ts"
import type { Outcome } from "./play.ts"
import type { Run } from "./run.ts"

/** What a healthy program never shows, measured without any rule: each in a few words. */
export const symptomsOf = (plan: Plan, outcome: Outcome): ReadonlyArray<string> => [
  ...outcome.run.held.flat().map((held) => `held too long: ${held}`),
  ...outcome.heldAfter.map((held) => `held after the end: ${held}`),
  ...(outcome.fibers === 0 ? [] : [`${outcome.fibers} fibers live after the end`]),
  ...(outcome.failure === undefined ? [] : [`failed: ${outcome.failure}`]),
  ...[...outcome.run.clients.keys()].flatMap((client) =>
    symptomsOfClient(plan, outcome.run, client),
  ),
]

const symptomsOfClient = (plan: Plan, run: Run, number: number): ReadonlyArray<string> => {
  const client = run.clients.get(number)
  if (client === undefined) return []
  const { kind, view } = client
  const about = (symptom: string) => [`client ${number} ${symptom}`]
  if (kind === "hasty") return []
  if (view.status === undefined && (view.end === "reset" || kind === "head")) {
    return isDamaged(plan) || run.stayed.has(number) ? [] : about("got no answer")
  }
  if (view.end === "left" && view.status === 499) return [] // before its answer had begun
  if (view.status !== undefined && view.status !== 200) return about(`got ${view.status}`)
  if (kind === "head" || kind === "stalled") return []
  return [
    ...(hasLost(plan, run, number, view) ? about("was cut off") : []),
    ...(missedBy(plan, run, number, view) ? about("missed events") : []),
  ]
}

/** Its stream ended although nothing was to end it. */
const hasLost = (plan: Plan, run: Run, number: number, { end }: ClientView): boolean => {
  if (run.stayed.has(number) || end === "left" || end === "open") return false
  if (isDamaged(plan)) return false
  return end === "reset" || !mayEnd(plan)
}

/** Whether events are missing that were published while it was there. */
export const missedBy = (
  plan: Plan,
  run: Run,
  number: number,
  { events, end }: ClientView,
): boolean => {
  const first = run.readyAt.get(number)
  if (!isFed(plan) || first === undefined) return false
  const last = run.leftAt.get(number) ?? run.published
  const published = Array.from({ length: last - first }, (_, index) => `event ${first + index + 1}`)
  const begin = isShared(plan) ? published.findIndex((event) => events.includes(event)) : 0
  const expected = published.slice(Math.max(0, begin))
  const latest = expected.at(-1)
  if (latest === undefined) return false
  if (mayEnd(plan)) return !isBeginning(events.filter(isEvent), expected, leavesOut(plan))
  if (end === "end" || end === "reset") return false // it was cut off, or the program stopped
  if (leavesOut(plan)) return !events.includes(latest)
  return expected.some((event) => !events.includes(event))
}

/** A stream that is shared does not say when a consumer has been added. */
const isShared = ({ handler: { source } }: Plan): boolean =>
  source.from === "share" || source.from === "broadcast" || source.from === "feed"

const isEvent = (text: string): boolean => text.startsWith("event ")

const isBeginning = (
  received: ReadonlyArray<string>,
  expected: ReadonlyArray<string>,
  leavesSomeOut: boolean,
): boolean =>
  leavesSomeOut ||
  received
    .filter((event) => expected.includes(event))
    .every((event, index) => event === expected[index])
