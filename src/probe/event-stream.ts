import type { ClientRequest, IncomingMessage } from "node:http"
import type { Readable } from "node:stream"
import * as Effect from "effect/Effect"
import * as Sse from "effect/encoding/Sse"
import type * as Scope from "effect/Scope"
import type { ClientEnd } from "../../otel/lifetimes/terms.ts"
import { decoderOf, isPlain } from "./content-encoding.ts"
import { eventType } from "./event-types.ts"
import { isSecure, mostRedirects, redirected, type StreamRequest, sent } from "./stream-request.ts"

/**
 * Why a connection ended as an error: `unreachable` (no connection, or the answer is not HTTP), `reset` (broken
 * off after it was made), `too-long` (an event longer than the limit: we gave up), `undecodable` (the
 * compression cannot be undone: we gave up).
 */
interface StreamFailure {
  readonly kind: "unreachable" | "reset" | "too-long" | "undecodable"
  readonly reason: string
}

/** What a client has seen of an event stream. Times are in milliseconds since the request began. */
export interface ClientView {
  readonly status: number | undefined
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
  /** Where redirects led, in order. */
  readonly redirects: ReadonlyArray<string>
  readonly firstByteMs: number | undefined
  readonly firstEventMs: number | undefined
  /** Until the end of the body, or until the client left; `undefined` while the stream is open. */
  readonly streamMs: number | undefined
  /** How long nothing had come when the stream was over. */
  readonly silentMs: number | undefined
  readonly endedBy: ClientEnd | undefined
  readonly failure: StreamFailure | undefined
  /** Events by type. It grows while the stream is open. */
  readonly events: ReadonlyMap<string, number>
}

/** Called as it happens. */
interface Moments {
  readonly firstByte?: () => void
  readonly firstEvent?: () => void
  readonly end?: (seen: ClientView) => void
}

/** What a server may make its client keep. */
export interface StreamLimits {
  /** Longest event that is read, in characters; a longer one ends the connection as an error. */
  readonly event: number
  /** How many event types are counted apart; all others are counted together. */
  readonly types: number
  /** What decoding a compressed answer may keep, in bytes. */
  readonly decoding: number
}

export const defaultStreamLimits: StreamLimits = {
  event: 8 * 1024 * 1024,
  types: 1000,
  decoding: 16 * 1024 * 1024,
}

/** Whether a response declares itself as an event stream. */
export const isEventStream = ({ status, contentType }: ClientView): boolean =>
  status === 200 && /^text\/event-stream\s*(?:;|$)/i.test(contentType ?? "")

/** A real client of an event stream, on a separate connection. */
export class EventStream {
  seen: ClientView

  readonly #startedAt = performance.now()
  readonly #moments: Moments
  readonly #limits: StreamLimits
  readonly #events = new Map<string, number>()
  readonly #listeners = new Set<() => void>()
  #client: ClientRequest | undefined
  #reached = false
  #lastByteMs = 0

  private constructor(request: StreamRequest, moments: Moments, limits: StreamLimits) {
    this.seen = { ...nothingSeen, events: this.#events }
    this.#moments = moments
    this.#limits = limits
    this.#send(request)
  }

  /** Connects at once; leaves when the scope closes, if the stream has not ended before. */
  static readonly open = (
    request: StreamRequest,
    moments: Moments = {},
    limits: StreamLimits = defaultStreamLimits,
  ): Effect.Effect<EventStream, never, Scope.Scope> =>
    Effect.acquireRelease(
      Effect.sync(() => new EventStream(request, moments, limits)),
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
    this.#client?.destroy()
  })

  #send(request: StreamRequest): void {
    this.#reached = false
    const client = sent(request)
    this.#client = client
    const connected = isSecure(request.url) ? "secureConnect" : "connect"
    client.on("socket", (socket) =>
      socket.once(connected, () => {
        this.#reached = true
      }),
    )
    client.on("response", (response) => this.#answered(request, response))
    client.on("error", (error) => {
      if (this.#client === client) this.#fail(error)
    })
  }

  #answered(request: StreamRequest, response: IncomingMessage): void {
    const next = redirected(request, response)
    if (next === undefined) {
      this.#read(response)
      return
    }
    response.on("error", () => {})
    this.#client?.destroy()
    const { redirects } = this.seen
    if (redirects.length === mostRedirects) {
      this.#end("error", { kind: "unreachable", reason: `more than ${mostRedirects} redirects` })
    } else if (this.seen.endedBy === undefined) {
      this.#saw({ redirects: [...redirects, next.url] })
      this.#send(next)
    }
  }

  #read(response: IncomingMessage): void {
    this.#saw({
      status: response.statusCode,
      contentType: response.headers["content-type"],
      contentEncoding: response.headers["content-encoding"],
    })
    this.#lastByteMs = this.#elapsed()
    response.on("data", () => {
      this.#lastByteMs = this.#elapsed()
      if (this.seen.firstByteMs === undefined) {
        this.#saw({ firstByteMs: this.#lastByteMs }, this.#moments.firstByte)
      }
    })
    response.on("error", (error) => this.#fail(error))
    response.on("close", () => {
      if (!response.complete) this.#fail(new Error("the last chunk is missing"))
    })
    const text = isEventStream(this.seen) ? this.#decoded(response) : response
    if (text === undefined) return
    text.on("end", () => this.#end("server"))
    if (isEventStream(this.seen)) this.#parse(text)
  }

  /** The body without its compression. */
  #decoded(response: IncomingMessage): Readable | undefined {
    const { contentEncoding } = this.seen
    if (contentEncoding === undefined || isPlain(contentEncoding)) return response
    const decoder = decoderOf(contentEncoding, this.#limits.decoding)
    if (decoder === undefined) {
      this.#giveUp("undecodable", `${contentEncoding} cannot be decoded`)
      return undefined
    }
    decoder.on("error", ({ message }) =>
      this.#giveUp("undecodable", `what is called ${contentEncoding} is not: ${message}`),
    )
    response.on("close", () => {
      if (!response.complete) decoder.destroy()
    })
    return response.pipe(decoder)
  }

  #parse(text: Readable): void {
    const { event } = this.#limits
    const parser = Sse.makeParser((it) => this.#event(it), { maxEventSize: event })
    text.setEncoding("utf8").on("data", (piece: string) => {
      if (parser.feed(piece) === undefined) return
      this.#giveUp("too-long", `an event is longer than ${event} characters`)
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

  #giveUp(kind: StreamFailure["kind"], reason: string): void {
    this.#end("error", { kind, reason })
    this.#client?.destroy()
  }

  #fail(error: NodeJS.ErrnoException): void {
    const reason = error.code ?? error.message
    const understood = this.#reached && !reason.startsWith("HPE_")
    const kind = understood || this.seen.status !== undefined ? "reset" : "unreachable"
    this.#end("error", { kind, reason })
  }

  #end(endedBy: ClientEnd, failure?: StreamFailure): void {
    const streamMs = this.#elapsed()
    const silentMs = this.seen.status === undefined ? undefined : streamMs - this.#lastByteMs
    this.#saw({ endedBy, failure, streamMs, silentMs }, this.#moments.end)
  }

  /** Reports the moment before the waiting fibers resume: they may close what records it. */
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
  contentEncoding: undefined,
  redirects: [],
  firstByteMs: undefined,
  firstEventMs: undefined,
  streamMs: undefined,
  silentMs: undefined,
  endedBy: undefined,
  failure: undefined,
}
