import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { startLive } from "../../live/live.ts"
import { Heap } from "../heap.ts"
import { listenFailure } from "../listen-failure.ts"
import { runUntilStopped } from "../stop.ts"
import type { LiveWords } from "./flags.ts"

/** `scopeline live`: the broken and the fixed stream on a page, until it is asked to stop. */
export const live = Effect.fnUntraced(function* ({ port, jaeger, otlp, memory }: LiveWords) {
  const heap = yield* Heap
  heap.keepSmall()
  const addresses = { ui: jaeger, otlp: Option.getOrElse(otlp, () => otlpOf(jaeger)) }
  const page = startLive({ port, memory, jaeger: addresses }).pipe(
    Effect.tap((address) => Console.log(`The live page is at ${address}, until Ctrl-C.`)),
  )
  yield* runUntilStopped(Layer.effectDiscard(page)).pipe(
    Effect.catchTag("ServeError", (error) => Effect.fail(listenFailure("127.0.0.1", port, error))),
  )
})

const otlpOf = (jaeger: string): string => {
  const { protocol, hostname } = new URL(jaeger)
  return `${protocol}//${hostname}:4318`
}
