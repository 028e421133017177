import * as Effect from "effect/Effect"
import { Receiver } from "../../src/collector/receiver.ts"

export { layerEmbedded as receiver } from "../../src/collector/receiver.ts"

export interface Posted {
  readonly contentType?: string
  readonly coding?: string
  readonly method?: string
  readonly path?: string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Uint8Array
  readonly text: string
}

/** Sends a body to the receiver over a socket. */
export const post = Effect.fnUntraced(function* (
  body: string | Uint8Array | undefined,
  { contentType = "application/json", coding, method = "POST", path = "/v1/traces" }: Posted = {},
) {
  const { url } = yield* Receiver
  return yield* Effect.promise(async (signal): Promise<Answer> => {
    const headers = new Headers({ "content-type": contentType })
    if (coding !== undefined) headers.set("content-encoding", coding)
    const sent = typeof body === "string" || body === undefined ? body : new Uint8Array(body)
    const init: RequestInit = {
      method,
      headers,
      signal,
      ...(sent === undefined ? {} : { body: sent }),
    }
    const response = await fetch(url + path, init)
    const bytes = new Uint8Array(await response.arrayBuffer())
    const text = new TextDecoder().decode(bytes)
    return { status: response.status, headers: response.headers, bytes, text }
  })
})
