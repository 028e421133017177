import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { everything, type Observes } from "../instrument/records/observes.ts"
import { warn } from "../instrument/warn.ts"
import { variable } from "./variable.ts"

/** Names what is observed, with commas between: `scopes,streams,pubsub`. What is not named is turned off. */
export const observeVariable = "SCOPELINE_OBSERVE"

/** What is observed in any case, and may be named. */
const always = ["exchanges", "scopes", "streams", "fibers"]
const optional = ["pubsub", "queue", "finalizers"]

/** What the environment lets be observed. */
export const observes: Effect.Effect<Observes> = Effect.gen(function* () {
  const list = yield* variable(observeVariable)
  if (list === undefined) return everything
  const names = list.split(",").map((name) => name.trim().toLowerCase())
  const unknown = names.filter((name) => name !== "" && ![...always, ...optional].includes(name))
  if (unknown.length > 0) {
    warn(
      `${observeVariable} names ${unknown.map((name) => JSON.stringify(name)).join(", ")}, which Scopeline does not know: ` +
        `name ${[...always, ...optional].join(", ")}.`,
      { console: yield* Console.Console },
    )
  }
  return {
    pubsub: names.includes("pubsub"),
    queue: names.includes("queue"),
    finalizers: names.includes("finalizers"),
  }
})
