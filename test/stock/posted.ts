/** A request makes what another one reads later. */
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { ask, connected } from "./clients.ts"
import type { Program } from "./pair.ts"
import { serve } from "./serving.ts"
import { settle, sse } from "./stage.ts"

/** What reads it, beside something that feeds it as long as the program runs. */
type Source = Effect.Effect<Stream.Stream<string>, never, Scope.Scope>
type Making = Effect.Effect<Source, never, Scope.Scope>
type Owning = (making: Making, program: Scope.Scope) => Making

export const inScopeOfPost: Owning = (making) => making

export const inScopeOfProgram: Owning = (making, program) => Scope.provide(making, program)

export const posted = (path: `/${string}`, making: Making, owning: Owning): Program =>
  Effect.gen(function* () {
    const program = yield* Effect.scope
    let ticks: Stream.Stream<string> | undefined
    const open = Effect.fn("open")(function* () {
      const source = yield* owning(making, program)
      ticks = yield* Scope.provide(source, program)
      return HttpServerResponse.empty({ status: 201 })
    })
    const watch = Effect.fn("watch")(function* () {
      return ticks === undefined ? HttpServerResponse.empty({ status: 404 }) : sse(ticks)
    })
    const url = yield* serve(
      Layer.mergeAll(HttpRouter.add("POST", path, open()), HttpRouter.add("GET", path, watch())),
    )
    yield* ask(url + path, "POST")
    yield* settle
    const client = yield* connected(url + path)
    const right = yield* client.until((it) => it.count("tick") > 2 || it.end !== "open")
    const isOpen = client.end === "open"
    yield* client.leave
    yield* settle
    return right && isOpen
  })
