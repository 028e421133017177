import { type ClientRequest, type IncomingMessage, request } from "node:http"
import * as Effect from "effect/Effect"
import { Changes } from "../support/changes.ts"
import { within } from "./running-time.ts"

/** Longer than anything here takes; a broken program shows by then that it is broken. */
const patienceMillis = 3_000

/** A client on a socket of its own, and what it has seen. */
export class Client {
  text = ""
  readonly events: Array<string> = []
  status: number | undefined
  end: "open" | "end" | "reset" | "left" = "open"
  readonly #changes = new Changes()
  readonly #sent: ClientRequest
  /** The frame that has not come to its end. */
  #rest = ""
  /** Resumed by whoever made it with `stalled`. */
  response: IncomingMessage | undefined

  constructor(url: string, method: string, reads: boolean) {
    this.#sent = request(url, { agent: false, method }, (response) => {
      this.response = response
      this.status = response.statusCode
      response.on("error", () => this.#ended("reset"))
      response.on("end", () => this.#ended("end"))
      if (reads) this.read()
      else response.pause()
      this.#changes.tell()
    })
    this.#sent.on("error", () => this.#ended("reset"))
    this.#sent.end()
  }

  read(): void {
    this.response?.setEncoding("utf8").on("data", (text: string) => {
      this.text += text
      this.#parse(text)
      this.#changes.tell()
    })
    this.response?.resume()
  }

  #parse(text: string): void {
    const frames = (this.#rest + text).split("\n\n")
    this.#rest = frames.pop() ?? ""
    for (const frame of frames) this.events.push(frame.replace("data: ", ""))
  }

  count(event: string): number {
    return this.events.filter((one) => one === event).length
  }

  /** Whether it comes about before patience ends, or the answer: nothing comes after that. */
  until(condition: (client: Client) => boolean): Effect.Effect<boolean> {
    const met = this.#changes.until(() => this.end !== "open" || condition(this))
    return Effect.map(within(met, patienceMillis), () => condition(this))
  }

  readonly leave: Effect.Effect<void> = Effect.sync(() => {
    this.#ended("left")
    this.#sent.destroy()
  })

  #ended(how: "end" | "reset" | "left"): void {
    if (this.end !== "open") return
    this.end = how
    this.#changes.tell()
  }
}

/** Leaves with the program at the latest. */
const client = (url: string, method: string, reads: boolean) =>
  Effect.acquireRelease(
    Effect.sync(() => new Client(url, method, reads)),
    ({ leave }) => leave,
  )

/** A client that has had its first event, or the end. */
export const connected = Effect.fnUntraced(function* (url: string) {
  const one = yield* client(url, "GET", true)
  yield* one.until(({ events, end }) => events.length > 0 || end !== "open")
  return one
})

/** The same, and it does not leave. */
export const staying = Effect.fnUntraced(function* (url: string) {
  const one = new Client(url, "GET", true)
  yield* one.until(({ events, end }) => events.length > 0 || end !== "open")
  return one
})

/** A client that has asked, and waits for nothing. */
export const asking = (url: string, method = "GET") => client(url, method, true)

/** A client that has the head, and reads nothing of the body. */
export const stalled = Effect.fnUntraced(function* (url: string) {
  const one = yield* client(url, "GET", false)
  yield* one.until(({ status, end }) => status !== undefined || end !== "open")
  return one
})

/** Reads an answer to its end. */
export const ask = Effect.fnUntraced(function* (url: string, method = "GET") {
  const one = yield* client(url, method, true)
  yield* one.until(({ end }) => end !== "open")
  return one
})
