import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Schema from "effect/Schema"
import { withoutSlash } from "../../otel/export/address.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { encodeJson } from "./encode.ts"

/** The spans did not reach the address. */
export class NotSent extends Schema.TaggedError<NotSent>()("NotSent", {
  message: Schema.String,
}) {}

/** Sends spans to an OTLP/HTTP receiver, as `http://127.0.0.1:4318`. */
export const sendSpans = Effect.fnUntraced(
  function* (address: string, spans: ReadonlyArray<Span>) {
    const client = HttpClient.filterStatusOk(yield* HttpClient.HttpClient)
    const request = HttpClientRequest.post(`${withoutSlash(address)}/v1/traces`).pipe(
      HttpClientRequest.bodyText(encodeJson(spans), "application/json"),
    )
    yield* client.execute(request)
  },
  (self, address) =>
    Effect.mapError(
      self,
      () => new NotSent({ message: `${address} took no spans: is an OTLP/HTTP receiver there?` }),
    ),
)
