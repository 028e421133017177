import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { orphanFiber } from "../../otel/lifetimes/rules/orphan-fiber.ts"
import type { Scenario } from "./scenario.ts"
import { ask, gracePassed, serving } from "./stage.ts"

/** Work that a request starts and does not wait for. */
const report = Effect.fn("report")(function* () {
  for (let page = 0; page < 6; page++) yield* Effect.sleep("100 millis")
})

/** A request is answered at once, and its work goes on. */
const order = Effect.fnUntraced(function* (
  start: (work: Effect.Effect<void>, tasks: FiberSet.FiberSet) => Effect.Effect<unknown>,
) {
  const tasks = yield* FiberSet.make()
  const handler = Effect.as(start(report(), tasks), HttpServerResponse.empty({ status: 202 }))
  const server = yield* serving(HttpRouter.add("POST", "/report", handler))
  yield* ask(`${server}/report`, "POST")
  yield* gracePassed
  yield* gracePassed
})

export const scenario: Scenario = {
  rule: orphanFiber,
  summary: "A handler detaches its work: it goes on after the answer, and nothing owns it.",
  repair: "The work runs in a FiberSet of the program, which interrupts it when the program stops.",
  broken: order((work) => Effect.forkDetach(work)),
  fixed: order((work, tasks) => FiberSet.run(tasks, work)),
}
