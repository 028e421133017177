import { type Agent, type ClientRequest, request } from "node:http"
import { Changes } from "../support/changes.ts"
import type { ClientKind } from "./plan.ts"

/** `left` where it went away itself. */
export type ClientEnd = "open" | "end" | "reset" | "left"

/** What a client has seen of its response so far. */
export class ClientView {
  status: number | undefined
  type: string | undefined
  end: ClientEnd = "open"
  readonly changes = new Changes()
  #text = ""

  get events(): ReadonlyArray<string> {
    return this.#text
      .split("\n\n")
      .filter((frame) => frame.startsWith("data: "))
      .map((frame) => frame.slice("data: ".length))
  }

  answered(status: number | undefined, type: string | null | undefined): void {
    this.status = status
    this.type = type ?? undefined
    this.changes.tell()
  }

  read(text: string): void {
    this.#text += text
    this.changes.tell()
  }

  ended(how: ClientEnd): void {
    if (this.end !== "open") return
    this.end = how
    this.changes.tell()
  }
}

export interface Client {
  readonly view: ClientView
  readonly kind: ClientKind
  readonly leave: () => void
}

/** How long a slow client rests after each piece. */
export const restMillis = 4

const methods: Partial<Record<ClientKind, string>> = { head: "HEAD", poster: "POST" }

const methodOf = (kind: ClientKind): string => methods[kind] ?? "GET"

/** A client on a socket of its own, or on one that `agent` has kept. */
export const overHttp =
  (address: string, agent: Agent | false) =>
  (path: string, kind: ClientKind): Client => {
    const view = new ClientView()
    const sent: ClientRequest = request(
      address + path,
      { agent, method: methodOf(kind) },
      (response) => {
        view.answered(response.statusCode, response.headers["content-type"])
        response.on("error", () => view.ended("reset"))
        if (kind === "stalled") {
          response.pause()
          return
        }
        response.setEncoding("utf8")
        response.on("data", (text: string) => {
          view.read(text)
          if (kind !== "slow") return
          response.pause()
          setTimeout(() => response.resume(), restMillis)
        })
        response.on("end", () => view.ended("end"))
      },
    )
    sent.on("error", () => view.ended("reset"))
    sent.end()
    return {
      view,
      kind,
      leave: () => {
        view.ended("left")
        sent.destroy()
      },
    }
  }

/** A client of a function from `Request` to `Response`, as a runtime would be. */
export const overFetch =
  (handle: (request: Request) => Promise<Response>) =>
  (path: string, kind: ClientKind): Client => {
    const view = new ClientView()
    const abort = new AbortController()
    let cancel: (() => Promise<void>) | undefined
    const read = async () => {
      const response = await handle(
        new Request(`http://server${path}`, { method: methodOf(kind), signal: abort.signal }),
      )
      view.answered(response.status, response.headers.get("content-type"))
      const { body } = response
      if (view.end === "left") return body?.cancel()
      if (body === null) return view.ended("end")
      if (kind === "stalled") {
        cancel = () => body.cancel()
        return
      }
      const reader = body.pipeThrough(new TextDecoderStream()).getReader()
      cancel = () => reader.cancel()
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return view.ended("end")
        view.read(value)
        if (kind === "slow") await new Promise((resolve) => setTimeout(resolve, restMillis))
      }
    }
    read().catch(() => view.ended("reset"))
    return {
      view,
      kind,
      leave: () => {
        view.ended("left")
        abort.abort()
        cancel?.().catch(() => {})
      },
    }
  }
