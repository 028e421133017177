import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http"
import { Effect, Schema } from "effect"
import { Event } from "../../src/server/frame.ts"
import { Changes } from "./changes.ts"

const decodeEvent = Schema.decodeUnknownSync(Schema.fromJsonString(Event), {
  onExcessProperty: "error",
})

/** A client of an event stream that keeps the text it receives. */
export class StreamReader {
  status: number | undefined
  headers: IncomingHttpHeaders = {}
  /** Everything up to the last blank line, cut behind each blank line. */
  readonly frames: Array<string> = []
  /** What came after the last blank line. */
  rest = ""
  /** A clean end has all of the body; a reset has not. */
  end: "open" | "clean" | "reset" | "left" = "open"
  readonly #changes = new Changes()
  readonly #leave: () => void

  private constructor(url: string, headers: Readonly<Record<string, string>>) {
    const sent = request(url, { agent: false, headers })
    this.#leave = () => sent.destroy()
    sent.on("response", (response) => this.#read(response))
    sent.on("error", () => this.#ended("reset"))
    sent.end()
  }

  static readonly open = (url: string, headers: Readonly<Record<string, string>> = {}) =>
    Effect.acquireRelease(
      Effect.sync(() => new StreamReader(url, headers)),
      (reader) => reader.leave,
    )

  /** The events in the frames; throws where a frame is anything but one line of data. */
  get events(): ReadonlyArray<Event> {
    return this.frames.map((frame) => {
      const [, data] = /^data: (.*)\n\n$/s.exec(frame) ?? []
      return decodeEvent(data)
    })
  }

  until(condition: (reader: StreamReader) => boolean): Effect.Effect<StreamReader> {
    return Effect.as(
      this.#changes.until(() => condition(this)),
      this,
    )
  }

  /** Waits for that many frames, or for the end of the stream. */
  frameCount(count: number): Effect.Effect<StreamReader> {
    return this.until(({ frames, end }) => frames.length >= count || end !== "open")
  }

  readonly leave: Effect.Effect<void> = Effect.sync(() => {
    this.#ended("left")
    this.#leave()
  })

  #read(response: IncomingMessage): void {
    this.status = response.statusCode
    this.headers = response.headers
    this.#changes.tell()
    response.setEncoding("utf8")
    response.on("data", (text: string) => {
      const [last = "", ...earlier] = (this.rest + text).split(/(?<=\n\n)/).reverse()
      const complete = last.endsWith("\n\n") ? [last, ...earlier] : earlier
      this.frames.push(...complete.reverse())
      this.rest = last.endsWith("\n\n") ? "" : last
      this.#changes.tell()
    })
    response.on("error", () => this.#ended("reset"))
    response.on("close", () => this.#ended(response.complete ? "clean" : "reset"))
  }

  #ended(end: "clean" | "reset" | "left"): void {
    if (this.end !== "open") return
    this.end = end
    this.#changes.tell()
  }
}
