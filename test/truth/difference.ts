import type { ClientView } from "./clients.ts"
import { isDamaged, leavesOut, mayEnd } from "./nature.ts"
import type { Operator, Plan } from "./plan.ts"
import type { Run } from "./run.ts"

/** What clients see differently in two runs of one program, each in a few words. */
export const differencesOf = (plan: Plan, one: Run, other: Run): ReadonlyArray<string> =>
  differencesBy(plan, one, other).map(({ text }) => text)

/**
 * Whether a race decides about all that clients see differently. When the program stops, its server ends responses
 * well, or resets their sockets when it has waited long enough. A reset may overtake what was sent before it.
 */
export const differByRaceOnly = (plan: Plan, one: Run, other: Run): boolean =>
  differencesBy(plan, one, other).every(
    ({ number }) =>
      one.stayed.has(number) ||
      other.stayed.has(number) ||
      (isReset(one, number) && isReset(other, number)),
  )

const isReset = ({ clients }: Run, number: number): boolean =>
  clients.get(number)?.view.end === "reset"

interface Difference {
  /** Of the client. */
  readonly number: number
  readonly text: string
}

const differencesBy = (plan: Plan, one: Run, other: Run): ReadonlyArray<Difference> =>
  [...one.clients].flatMap(([number, { kind, view }]) => {
    const again = other.clients.get(number)
    if (again === undefined || kind === "hasty") return []
    // How much it had been sent when it left depends on the moment.
    if (
      view.end === again.view.end ? view.end === "left" : mayEnd(plan) && hasLeft(view, again.view)
    ) {
      return leavesOut(plan) || isPrefix(view.events, again.view.events)
        ? []
        : [{ number, text: `client ${number} was sent other events` }]
    }
    const before = seenBy(plan, one, number, view)
    const after = seenBy(plan, other, number, again.view)
    return before === after
      ? []
      : [{ number, text: `client ${number} saw ${before}, and then ${after}` }]
  })

const hasLeft = (...views: ReadonlyArray<ClientView>): boolean =>
  views.some(({ end }) => end === "left")

const timed: ReadonlyArray<Operator["by"]> = ["timeout", "interruptWhen", "haltWhen"]

/** As text, without what depends on the moment. */
const seenBy = (plan: Plan, run: Run, number: number, view: ClientView): string => {
  const isTimed =
    isDamaged(plan) ||
    leavesOut(plan) ||
    plan.handler.operators.some(({ by }) => timed.includes(by))
  const { kind } = run.clients.get(number) ?? {}
  return [
    ...(isDamaged(plan) ? [] : [view.status, view.type]),
    ...(isTimed || kind === "stalled" ? [] : steady(view.events)),
    run.stayed.has(number) ? `${view.end} at the end` : view.end,
  ].join(", ")
}

const steady = (events: ReadonlyArray<string>): ReadonlyArray<string> =>
  events.filter((event) => event !== "heartbeat" && event !== "tick")

/** Whether one saw the beginning of what the other saw. */
const isPrefix = (one: ReadonlyArray<string>, other: ReadonlyArray<string>): boolean => {
  const [short = [], long = []] = [steady(one), steady(other)].toSorted(
    (a, b) => a.length - b.length,
  )
  return short.every((event, index) => event === long[index])
}
