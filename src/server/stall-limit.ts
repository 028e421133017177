import type { IncomingMessage, Server, ServerResponse } from "node:http"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** How long a client may take nothing of what it was sent, in milliseconds. */
const defaultStall = 60_000

/**
 * Disconnects a client that has taken nothing of what it was sent for so many milliseconds, and logs that. A
 * client for which nothing waits may be silent for as long as it likes. 0 never disconnects.
 */
export const layerStallLimit = (node: Server, stall = defaultStall): Layer.Layer<never> =>
  stall === 0 ? Layer.empty : Layer.effectDiscard(limitStalls(node, stall))

const limitStalls = Effect.fnUntraced(function* (node: Server, stall: number) {
  const context = yield* Effect.context<never>()
  const warn = Effect.runForkWith(context)
  const watch = (_: IncomingMessage, response: ServerResponse) => {
    // Node restarts the socket's timeout whenever some of the waiting bytes have been sent.
    response.setTimeout(stall, () => {
      const { socket } = response
      if (socket === null || socket.writableLength === 0) return
      socket.destroy()
      warn(Effect.logWarning(`A client took nothing for ${stall / 1000} s. It is disconnected.`))
    })
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => node.on("request", watch)),
    () => Effect.sync(() => node.off("request", watch)),
  )
})
