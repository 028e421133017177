import { request } from "node:http"
import { Effect } from "effect"

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly text: string
}

/** Asks a server with any headers, `host` too, which browsers and `fetch` do not let a program choose. */
export const asked = (url: string, { method = "GET", headers = {}, body }: Asked = {}) =>
  Effect.callback<Answered>((resume) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (piece: string) => {
        text += piece
      })
      response.on("end", () => {
        const { statusCode: status = 0, headers } = response
        resume(Effect.succeed({ status, headers, text }))
      })
    })
    sent.on("error", () => resume(Effect.succeed({ status: 0, headers: {}, text: "" })))
    sent.end(body)
    return Effect.sync(() => sent.destroy())
  })
