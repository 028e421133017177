import { get, type IncomingMessage } from "node:http"
import * as Effect from "effect/Effect"
import * as Sse from "effect/encoding/Sse"
import type * as Scope from "effect/Scope"

export type StreamEnd = "client" | "server" | "shutdown" | "error"

/** What a client has seen of an event stream. Times are in milliseconds since the request began. */
export interface Seen {
  readonly status: number | undefined
  readonly firstByteMs: number | undefined
  readonly firstEventMs: number | undefined
  /** Until the end of the body, or until the client left; `undefined` while the stream is open. */
  readonly streamMs: number | undefined
  readonly endedBy: StreamEnd | undefined
  /** Events by type. */
  readonly events: Readonly<Record<string, number>>
}

/** Told as it happens. */
export interface Moments {
  readonly firstByte?: () => void
  readonly firstEvent?: () => void
  readonly end?: (seen: Seen) => void
}

/** Longest event that is read; a longer one ends the connection as an error. */
const maximumEventBytes = 8 * 1024 * 1024

/** Event types that are counted apart. */
const maximumTypes = 1000

/** A real client of an event stream, on a connection of its own. */
export class EventStream {
  seen: Seen = {
    status: undefined,
    firstByteMs: undefined,
    firstEventMs: undefined,
    streamMs: undefined,
    endedBy: undefined,
    events: {},
  }

  readonly #startedAt = performance.now()
  readonly #moments: Moments
  readonly #listeners = new Set<() => void>()
  readonly #leave: () => void

  private constructor(url: string, headers: Readonly<Record<string, string>>, moments: Moments) {
    this.#moments = moments
    const request = get(url, { agent: false, headers: { accept: "text/event-stream", ...headers } })
    this.#leave = () => request.destroy()
    request.on("response", (response) => this.#read(response))
    request.on("error", () => this.#end("error"))
  }

  /** Connects at once; leaves when the scope closes, if the stream has not ended before. */
  static readonly open = (
    url: string,
    headers: Readonly<Record<string, string>> = {},
    moments: Moments = {},
  ): Effect.Effect<EventStream, never, Scope.Scope> =>
    Effect.acquireRelease(
      Effect.sync(() => new EventStream(url, headers, moments)),
      (stream) => stream.leave,
    )

  /** Waits until what was seen satisfies the condition, or the stream has ended. */
  until(condition: (seen: Seen) => boolean): Effect.Effect<Seen> {
    return Effect.callback<Seen>((resume) => {
      const check = () => {
        if (this.seen.endedBy === undefined && !condition(this.seen)) return
        this.#listeners.delete(check)
        resume(Effect.succeed(this.seen))
      }
      this.#listeners.add(check)
      check()
      return Effect.sync(() => this.#listeners.delete(check))
    })
  }

  /** Closes the connection, as a client that has seen enough. */
  readonly leave: Effect.Effect<void> = Effect.sync(() => {
    this.#end("client")
    this.#leave()
  })

  #read(response: IncomingMessage): void {
    this.#saw({ status: response.statusCode })
    const parser = Sse.makeParser((event) => this.#event(event), {
      maxEventSize: maximumEventBytes,
    })
    response.setEncoding("utf8")
    response.on("data", (text: string) => {
      if (this.seen.firstByteMs === undefined) {
        this.#saw({ firstByteMs: this.#elapsed() })
        this.#moments.firstByte?.()
      }
      if (parser.feed(text) !== undefined) this.#giveUp()
    })
    response.on("end", () => this.#end("server"))
    response.on("error", () => this.#end("error"))
    response.on("close", () => this.#end(response.complete ? "server" : "error"))
  }

  #event(event: Sse.AnyEvent): void {
    if (event._tag !== "Event") return
    const first = this.seen.firstEventMs === undefined
    const type = this.#typeOf(event)
    this.#saw({
      ...(first ? { firstEventMs: this.#elapsed() } : {}),
      events: { ...this.seen.events, [type]: (this.seen.events[type] ?? 0) + 1 },
    })
    if (first) this.#moments.firstEvent?.()
  }

  /** A server may send any number of types; beyond a bound they are counted together. */
  #typeOf(event: Sse.Event): string {
    const type = eventType(event)
    const known = Object.hasOwn(this.seen.events, type)
    return known || Object.keys(this.seen.events).length < maximumTypes ? type : "(others)"
  }

  #giveUp(): void {
    this.#end("error")
    this.#leave()
  }

  #end(endedBy: StreamEnd): void {
    if (this.seen.endedBy !== undefined) return
    this.#saw({ endedBy, streamMs: this.#elapsed() })
    this.#moments.end?.(this.seen)
  }

  #saw(change: Partial<Seen>): void {
    if (this.seen.endedBy !== undefined) return
    this.seen = { ...this.seen, ...change }
    for (const listener of [...this.#listeners]) listener()
  }

  #elapsed(): number {
    return performance.now() - this.#startedAt
  }
}

/** The type inside the data, as OpenCode sends it, or else the name on the `event:` line. */
const eventType = (event: Sse.Event): string => {
  try {
    const data: unknown = JSON.parse(event.data)
    if (typeof data === "object" && data !== null && "type" in data) {
      if (typeof data.type === "string") return data.type.slice(0, 200)
    }
  } catch {
    // Data need not be JSON.
  }
  return event.event.slice(0, 200)
}
