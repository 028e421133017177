import * as Effect from "effect/Effect"
import { Witness } from "../instrument/witness.ts"
import { Observed } from "./observed.ts"
import { unsettledExchanges, untilSettled } from "./patience.ts"

/**
 * Waits, in a guarded program, until everything that exchanges acquired is released, or until nothing
 * has changed for the grace period. The guard does so by itself before it closes the program's scope; a
 * program that closes its server itself asks for it before, because closing releases what had leaked.
 */
export const settled: Effect.Effect<void> = Effect.flatMap(Witness, (witness) =>
  witness instanceof Observed
    ? untilSettled(() => unsettledExchanges(witness), witness.graceMillis)
    : Effect.void,
)
