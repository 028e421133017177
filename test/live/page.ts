import { Effect } from "effect"
import { EventSource } from "eventsource"
import { defaultMemory } from "../../src/collector/memory.ts"
import type { Side } from "../../src/live/live.ts"
import { startLive } from "../../src/live/live.ts"
import { Changes } from "../support/changes.ts"

/** No Jaeger is there. */
const nowhere = "http://127.0.0.1:1"

const textOf = (url: string, init: RequestInit = {}) =>
  Effect.promise(async (signal) => {
    const response = await fetch(url, { ...init, signal })
    return { response, text: await response.text() }
  })

/** The live page in this process, on a free port, ended with the scope. */
export const livePage = Effect.fnUntraced(function* ({ port = 0, jaeger = nowhere } = {}) {
  const address = yield* startLive({
    port,
    memory: defaultMemory,
    jaeger: { ui: jaeger, otlp: jaeger },
  })
  return yield* pageAt(address)
})

/** A live page that runs already, and the servers that it shows. */
export const pageAt = Effect.fnUntraced(function* (address: string) {
  const get = (path: string, init: RequestInit = {}) => textOf(address + path, init)
  const { text } = yield* get("/")
  const server = (side: Side): string => {
    const found = new RegExp(`id="stream-${side}" data-events="([^"]+)/event"`).exec(text)?.[1]
    if (found === undefined) throw new Error(`the page names no ${side} server`)
    return found
  }
  return { address, get, broken: server("broken"), fixed: server("fixed") }
})

/** What an `EventSource` received, closed with the scope. */
export const listenTo = Effect.fnUntraced(function* (url: string) {
  const changes = new Changes()
  const received: Array<string> = []
  let ends = 0
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      const source = new EventSource(url)
      source.onmessage = ({ data }) => {
        received.push(String(data))
        changes.tell()
      }
      source.onerror = () => {
        ends += 1
        changes.tell()
      }
      return source
    }),
    (source) => Effect.sync(() => source.close()),
  )
  return {
    /** Waits for an event whose text matches. */
    until: (pattern: RegExp) => changes.until(() => received.some((data) => pattern.test(data))),
    /** Waits for the end of a stream, which an `EventSource` takes as a reason to connect again. */
    ended: changes.until(() => ends > 0),
    received,
  }
})
