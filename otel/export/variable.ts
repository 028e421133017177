import * as Config from "effect/Config"
import * as Effect from "effect/Effect"

/** A variable of the environment. An empty one counts as unset, as OpenTelemetry's specification has it. */
export const variable = (name: string): Effect.Effect<string | undefined> =>
  Config.String(name).pipe(
    Effect.map((value) => (value.trim() === "" ? undefined : value.trim())),
    Effect.orElseSucceed(() => undefined),
  )
