import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type { EventInput } from "../server/frame.ts"

/** What OpenCode sends while an assistant works, and what #27391 kept from every client. */
export const publishedTypes = [
  "message.part.delta",
  "message.completed",
  "permission.asked",
  "question.asked",
] as const

/** Published after the clients have left, so that a subscription that nobody reads is seen. */
export const lateType = "session.idle"

/** Publishes one event through a server's own `POST /event`. */
export const publish = Effect.fnUntraced(function* (server: string, type: string) {
  const client = HttpClient.filterStatusOk(yield* HttpClient.HttpClient)
  const event: EventInput = { type, properties: {} }
  const request = HttpClientRequest.post(`${server}/event`).pipe(
    HttpClientRequest.bodyJsonUnsafe(event),
  )
  const response = yield* client.execute(request)
  yield* response.text
}, Effect.withTracerEnabled(false))
