/** Prints what each program has seen that depends on turns. */
import { Effect } from "effect"
import { programs } from "../automatic/turns.ts"

for (const [name, program] of Object.entries(programs)) {
  console.log(JSON.stringify([name, await Effect.runPromise(program)]))
}
