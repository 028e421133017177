import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { Application } from "./application.ts"
import type { Bus } from "./bus.ts"
import type { Instance } from "./instance.ts"
import type { VariantName } from "./variant-name.ts"
import { subscribe as actual } from "./variants/actual.ts"
import { subscribe as broken } from "./variants/broken.ts"
import { subscribe as fixed } from "./variants/fixed.ts"
import { subscribe as literal } from "./variants/literal.ts"

/**
 * Who owns the subscription of an event stream, and when it is acquired. It runs in the handler, in the
 * request's scope. The stream that it returns runs as the body of the response.
 */
type Subscribe = Effect.Effect<
  Stream.Stream<Uint8Array, unknown>,
  never,
  Bus | Application | Instance | Scope.Scope
>

export const variants: Readonly<Record<VariantName, Subscribe>> = {
  broken,
  actual,
  literal,
  fixed,
}

/** The variable that chooses between broken and fixed. */
export const fixedVariable = "FIXED_SSE"

export class VariantError extends Schema.TaggedError<VariantError>()("VariantError", {
  message: Schema.String,
}) {}

const choices: Readonly<Record<string, VariantName>> = {
  "": "broken",
  "0": "broken",
  false: "broken",
  "1": "fixed",
  true: "fixed",
}

/** The variant that `FIXED_SSE` selects; any other value is a `VariantError`. */
export const variantFromEnvironment: Effect.Effect<VariantName, VariantError> = Effect.gen(
  function* () {
    const value = yield* Config.String(fixedVariable).pipe(Effect.orElseSucceed(() => ""))
    const name = Object.hasOwn(choices, value) ? choices[value] : undefined
    if (name !== undefined) return name
    const message =
      `${fixedVariable}=${JSON.stringify(value)} is not understood: set it to 1 or true for the ` +
      "fixed stream, to 0 or false (or leave it unset) for the broken one."
    return yield* new VariantError({ message })
  },
)
