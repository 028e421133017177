import type * as Cause from "effect/Cause"
import type * as Exit from "effect/Exit"

/** What somebody who runs a program can tell of its exit. */
export const outcome = (exit: Exit.Exit<unknown, unknown>): unknown =>
  exit._tag === "Success" ? ["success", exit.value] : exit.cause.reasons.map(reasonOf)

const reasonOf = (reason: Cause.Reason<unknown>): unknown => {
  if (reason._tag === "Fail") return ["fail", reason.error]
  if (reason._tag === "Die") return ["die", reason.defect]
  return ["interrupt"]
}
