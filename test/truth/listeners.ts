/** Sources that listen to what is emitted, without a PubSub. */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { Events } from "./events.ts"
import type { World } from "./world.ts"

const listen = (world: World, client: number, listener: (event: string) => void) => {
  const entry = world.ledger.acquire("listener", client, "exchange")
  world.listeners.add(listener)
  world.progress.ready(client)
  return () => {
    world.listeners.delete(listener)
    entry.released = true
  }
}

export const listening = (world: World, client: number): Events =>
  Stream.callback<string>((queue) =>
    Effect.acquireRelease(
      Effect.sync(() => listen(world, client, (event) => Queue.offerUnsafe(queue, event))),
      (unlisten) => Effect.sync(unlisten),
    ),
  )

/** An iterator that can be told to stop while somebody waits for its next event. */
export const iterate = (world: World, client: number): AsyncIterable<string> => ({
  [Symbol.asyncIterator]: () => {
    const waiting: Array<string> = []
    let wake: ((result: IteratorResult<string>) => void) | undefined
    const unlisten = listen(world, client, (event) => {
      if (wake === undefined) waiting.push(event)
      else wake({ done: false, value: event })
      wake = undefined
    })
    return {
      next: () =>
        new Promise((resolve) => {
          const value = waiting.shift()
          if (value === undefined) wake = resolve
          else resolve({ done: false, value })
        }),
      return: () => {
        unlisten()
        const end = { done: true, value: undefined } as const
        wake?.(end)
        return Promise.resolve(end)
      },
    }
  },
})
