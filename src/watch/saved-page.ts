import * as Effect from "effect/Effect"
import { frozenPage } from "../page/document.ts"
import type { WatchedProgram } from "./watched-program.ts"

/** The page as it is now, as a file. */
export const savedPage = Effect.fnUntraced(function* (program: WatchedProgram["Service"]) {
  const snapshot = yield* program.snapshot
  const run = Effect.runPromiseWith(yield* Effect.context<never>())
  return yield* Effect.promise((signal) =>
    frozenPage({ snapshot, detail: (id) => run(program.detail(id), { signal }) }),
  )
})
