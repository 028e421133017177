import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import { bye } from "./bus.ts"
import type { Client } from "./clients.ts"
import { greets, isFed } from "./nature.ts"
import type { Place } from "./place.ts"
import type { ClientKind, Plan, Step } from "./plan.ts"
import type { Run } from "./run.ts"
import { patience, rest } from "./timing.ts"
import type { World } from "./world.ts"

/** Does what clients and the program do, one after the other. */
export const takeStep = (
  run: Run,
  world: World,
  place: Place,
  step: Step,
): Effect.Effect<unknown> => {
  switch (step.do) {
    case "connect":
      return connect(run, world.plan, place, step.client, step.as)
    case "meet":
      return meet(run, place, step.leaves, step.stays)
    case "leave":
      return Effect.sync(() => leave(run, step.client))
    case "publish":
      return Effect.repeat(publish(run, world), { times: step.count - 1 })
    case "flood":
      return Effect.repeat(flood(world), { times: step.count - 1 })
    case "look":
      return Effect.sync(() => run.look())
    case "rest":
      return Effect.sleep(rest)
    case "log out":
      return Effect.suspend(() => until(place("/logout", "poster"), ({ end }) => end !== "open"))
    case "ask":
      return Effect.repeat(
        Effect.suspend(() => until(place("/answer", "reader"), ({ end }) => end !== "open")),
        { times: step.count - 1 },
      )
    case "replace bus":
      return world.replaceBus
    case "shut bus down":
      return PubSub.shutdown(world.bus)
    case "end bus":
      return PubSub.end(world.bus, bye)
  }
}

/** How long a hasty client waits for an answer that has begun. */
const hasteMillis = 10

const connect = Effect.fnUntraced(function* (
  run: Run,
  plan: Plan,
  place: Place,
  number: number,
  kind: ClientKind,
) {
  const client = place(`/event?client=${number}`, kind)
  run.clients.set(number, client)
  if (kind === "hasty") {
    yield* until(client, () => run.begun.has(number))
    yield* Effect.sleep(hasteMillis)
    return leave(run, number)
  }
  if (kind === "head") return yield* until(client, ({ end }) => end !== "open")
  yield* until(client, ({ end }) => end !== "open" || run.readyAt.has(number))
  if (greets(plan) && kind !== "stalled") {
    yield* until(client, ({ end, events }) => end !== "open" || events.length > 0)
  }
  if (!greets(plan)) yield* Effect.sleep(unheard)
})

/** What is shared says nothing when a consumer is there: it is by then, in milliseconds. */
const unheard = 15

const meet = Effect.fnUntraced(function* (run: Run, place: Place, leaves: number, stays: number) {
  for (const [number, kind] of [
    [leaves, "hasty"],
    [stays, "reader"],
  ] as const) {
    const client = place(`/event?client=${number}`, kind)
    run.clients.set(number, client)
    yield* until(client, () => run.begun.has(number))
    yield* Effect.sleep(hasteMillis)
  }
  leave(run, leaves)
  const left = run.clients.get(stays)
  if (left !== undefined) yield* until(left, ({ end }) => end !== "open" || run.readyAt.has(stays))
  yield* Effect.sleep(unheard)
})

const leave = (run: Run, number: number): void => {
  const client = run.clients.get(number)
  if (client?.view.end !== "open") return
  run.leftAt.set(number, run.published)
  client.leave()
}

/** Publishes an event, and waits until everybody has it who reads. */
const publish = Effect.fnUntraced(function* (run: Run, world: World) {
  const event = `event ${++run.published}`
  yield* Effect.timeoutOption(world.emit(event), patience)
  for (const [number, client] of run.clients) {
    if (!isFed(world.plan) || !isReading(client) || !run.readyAt.has(number)) continue
    yield* until(client, ({ end, events }) => end !== "open" || events.includes(event))
  }
})

const large = "x".repeat(16 * 1024)

const flood = (world: World) => Effect.timeoutOption(world.emit(large), patience)

const isReading = ({ kind, view }: Client): boolean =>
  view.end === "open" && (kind === "reader" || kind === "slow")

const until = ({ view }: Client, condition: (view: Client["view"]) => boolean) =>
  Effect.timeoutOption(
    view.changes.until(() => condition(view)),
    patience,
  )
