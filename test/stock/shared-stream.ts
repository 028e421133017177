/** A stream that all requests read, and that one of them makes. */
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { connected } from "./clients.ts"
import { serve } from "./serving.ts"
import { settle, sse, ticking } from "./stage.ts"

type Making = Effect.Effect<Stream.Stream<string>, never, Scope.Scope>

/** In the scope of the first request, or in that of the program. */
export const ofTheFirst = (making: Making) => making
export const ofTheProgram = (making: Making, program: Scope.Scope): Making =>
  Scope.provide(making, program)

/** Two clients read what the first of them has made, and the first leaves; gives whether the second reads on. */
export const watchShared = Effect.fnUntraced(function* (
  path: `/${string}`,
  share: (bus: PubSub.PubSub<string>) => Making,
  inScope: (making: Making, program: Scope.Scope) => Making,
) {
  const program = yield* Effect.scope
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick")
  let shared: Stream.Stream<string> | undefined
  const watch = Effect.fn("watch")(function* () {
    shared ??= yield* inScope(share(bus), program)
    return sse(shared)
  })
  const url = yield* serve(HttpRouter.add("GET", path, watch()))
  const first = yield* connected(url + path)
  const second = yield* connected(url + path)
  yield* first.leave
  yield* settle
  const { length } = second.events
  yield* second.until(({ events, end }) => events.length > length + 2 || end !== "open")
  const right = second.end === "open"
  yield* second.leave
  yield* settle
  return right
})
