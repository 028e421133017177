import { type ClientRequest, get, type IncomingMessage, type RequestOptions } from "node:http"
import { get as getSecurely } from "node:https"
import * as Effect from "effect/Effect"
import * as Sse from "effect/encoding/Sse"
import type * as Scope from "effect/Scope"
import type { ClientEnd } from "../../otel/lifetimes/terms.ts"
import { eventType } from "./event-types.ts"

/**
 * Why a connection ended as an error: `unreachable` (no connection, or what answers is no HTTP),
 * `reset` (broken off after it was made), `too-long` (an event longer than the limit: we gave up).
 */
interface StreamFailure {
  readonly kind: "unreachable" | "reset" | "too-long"
  readonly reason: string
}

/** What a client has seen of an event stream. Times are in milliseconds since the request began. */
export interface ClientView {
  readonly status: number | undefined
  readonly contentType: string | undefined
  readonly firstByteMs: number | undefined
  readonly firstEventMs: number | undefined
  /** Until the end of the body, or until the client left; `undefined` while the stream is open. */
  readonly streamMs: number | undefined
  readonly endedBy: ClientEnd | undefined
  readonly failure: StreamFailure | undefined
  /** Events by type. It grows while the stream is open. */
  readonly events: ReadonlyMap<string, number>
}

/** Told as it happens. */
interface Moments {
  readonly firstByte?: () => void
  readonly firstEvent?: () => void
  readonly end?: (seen: ClientView) => void
}

/** What a server may make its client keep. */
export interface StreamLimits {
  /** Longest event that is read, in characters; a longer one ends the connection as an error. */
  readonly event: number
  /** Event types that are counted apart; all others are counted together. */
  readonly types: number
}

export const defaultStreamLimits: StreamLimits = { event: 8 * 1024 * 1024, types: 1000 }

/** Whether a response says of itself that it is an event stream. */
export const isEventStream = ({ status, contentType }: ClientView): boolean =>
  status === 200 && /^text\/event-stream\s*(?:;|$)/i.test(contentType ?? "")

/** A real client of an event stream, on a connection of its own. */
export class EventStream {
  seen: ClientView

  readonly #startedAt = performance.now()
  readonly #moments: Moments
  readonly #limits: StreamLimits
  readonly #events = new Map<string, number>()
  readonly #listeners = new Set<() => void>()
  readonly #leave: () => void
  #reached = false

  private constructor(
    url: string,
    headers: Readonly<Record<string, string>>,
    moments: Moments,
    limits: StreamLimits,
  ) {
    this.seen = { ...nothingSeen, events: this.#events }
    this.#moments = moments
    this.#limits = limits
    const request = requestOf(url, {
      agent: false,
      headers: { accept: "text/event-stream", ...headers },
    })
    this.#leave = () => request.destroy()
    const connected = isSecure(url) ? "secureConnect" : "connect"
    request.on("socket", (socket) =>
      socket.once(connected, () => {
        this.#reached = true
      }),
    )
    request.on("response", (response) => this.#read(response))
    request.on("error", (error) => this.#fail(error))
  }

  /** Connects at once; leaves when the scope closes, if the stream has not ended before. */
  static readonly open = (
    url: string,
    headers: Readonly<Record<string, string>> = {},
    moments: Moments = {},
    limits: StreamLimits = defaultStreamLimits,
  ): Effect.Effect<EventStream, never, Scope.Scope> =>
    Effect.acquireRelease(
      Effect.sync(() => new EventStream(url, headers, moments, limits)),
      (stream) => stream.leave,
    )

  /** Waits until what was seen satisfies the condition, or the stream has ended. */
  until(condition: (seen: ClientView) => boolean): Effect.Effect<ClientView> {
    return Effect.callback<ClientView>((resume) => {
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
    if (this.#reached) this.#end("client")
    else this.#end("error", { kind: "unreachable", reason: "no connection in time" })
    this.#leave()
  })

  #read(response: IncomingMessage): void {
    this.#saw({ status: response.statusCode, contentType: response.headers["content-type"] })
    const parser = Sse.makeParser((event) => this.#event(event), {
      maxEventSize: this.#limits.event,
    })
    const parsed = isEventStream(this.seen)
    response.setEncoding("utf8")
    response.on("data", (text: string) => {
      if (this.seen.firstByteMs === undefined) {
        this.#saw({ firstByteMs: this.#elapsed() }, this.#moments.firstByte)
      }
      if (parsed && parser.feed(text) !== undefined) this.#giveUp()
    })
    response.on("end", () => this.#end("server"))
    response.on("error", (error) => this.#fail(error))
    response.on("close", () => {
      if (response.complete) this.#end("server")
      else this.#fail(new Error("the last chunk is missing"))
    })
  }

  #event(event: Sse.AnyEvent): void {
    if (event._tag !== "Event" || this.seen.endedBy !== undefined) return
    const type = this.#countedType(eventType(event))
    this.#events.set(type, (this.#events.get(type) ?? 0) + 1)
    if (this.seen.firstEventMs !== undefined) this.#saw({})
    else this.#saw({ firstEventMs: this.#elapsed() }, this.#moments.firstEvent)
  }

  #countedType(type: string): string {
    return this.#events.has(type) || this.#events.size < this.#limits.types ? type : "(others)"
  }

  #giveUp(): void {
    const reason = `an event is longer than ${this.#limits.event} characters`
    this.#end("error", { kind: "too-long", reason })
    this.#leave()
  }

  #fail(error: NodeJS.ErrnoException): void {
    const reason = error.code ?? error.message
    const understood = this.#reached && !reason.startsWith("HPE_")
    const kind = understood || this.seen.status !== undefined ? "reset" : "unreachable"
    this.#end("error", { kind, reason })
  }

  #end(endedBy: ClientEnd, failure?: StreamFailure): void {
    this.#saw({ endedBy, failure, streamMs: this.#elapsed() }, this.#moments.end)
  }

  /** Tells of the moment before those who wait for it go on: they may close what records it. */
  #saw(change: Partial<ClientView>, tell?: (seen: ClientView) => void): void {
    if (this.seen.endedBy !== undefined) return
    this.seen = { ...this.seen, ...change }
    tell?.(this.seen)
    for (const listener of [...this.#listeners]) listener()
  }

  #elapsed(): number {
    return performance.now() - this.#startedAt
  }
}

const nothingSeen = {
  status: undefined,
  contentType: undefined,
  firstByteMs: undefined,
  firstEventMs: undefined,
  streamMs: undefined,
  endedBy: undefined,
  failure: undefined,
}

const isSecure = (url: string): boolean => new URL(url).protocol === "https:"

const requestOf = (url: string, options: RequestOptions): ClientRequest =>
  isSecure(url) ? getSecurely(url, options) : get(url, options)
