import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Record from "effect/Record"
import * as Version from "effect/Version"
import { warn } from "../warn.ts"
import { type Capability, capabilities, sees } from "./capabilities.ts"
import { checks } from "./checks.ts"
import { uncounted } from "./fiber-ids.ts"

let isChecked = false

/**
 * Tries Effect once in each process to find out what can be seen of it. What cannot be seen is turned off, and
 * named.
 */
export const selfCheck: Effect.Effect<void> = Effect.map(Console.Console, (console) => {
  if (isChecked) return
  isChecked = true
  const missing = uncounted(missingCapabilities)
  if (missing.length === 0) return
  for (const capability of missing) sees[capability] = false
  warn(
    `Scopeline does not know how effect ${Version.getCurrentVersion()} works inside, and does not see ` +
      `${missing.map((capability) => capabilities[capability]).join("; ")}. The rest is recorded.`,
    { console },
  )
})

/** What cannot be seen here. Empty if Effect works as we know it. */
export const missingCapabilities = (): ReadonlyArray<Capability> => {
  const broken = names.filter((name) => !holds(checks[name]))
  return names.filter(
    (name) => broken.includes(name) || needs[name]?.some((other) => broken.includes(other)),
  )
}

const names = Record.keys(capabilities)

/** Capabilities that say nothing, or something wrong, without another one. */
const needs: { readonly [name in Capability]?: ReadonlyArray<Capability> } = {
  ownership: ["scopes"],
  registrations: ["scopes", "finalizers"],
  subscriptions: ["scopes", "pubsubs"],
}

const holds = (check: Effect.Effect<boolean, unknown>): boolean => {
  const exit = Effect.runSyncExit(check)
  return exit._tag === "Success" && exit.value
}
