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

interface Target {
  /** Where spans are posted to, as `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Posts spans as OTLP JSON. */
export const postSpans = Effect.fnUntraced(
  function* ({ url, headers = {} }: Target, spans: ReadonlyArray<Span>) {
    const client = HttpClient.filterStatusOk(yield* HttpClient.HttpClient)
    const request = HttpClientRequest.post(url).pipe(
      HttpClientRequest.setHeaders(headers),
      HttpClientRequest.bodyText(encodeJson(spans), "application/json"),
    )
    yield* client.execute(request)
  },
  (self, { url }) =>
    Effect.mapError(
      self,
      () => new NotSent({ message: `${url} took no spans: is an OTLP/HTTP receiver there?` }),
    ),
)

/** Sends spans to an OTLP/HTTP receiver, as `http://127.0.0.1:4318`. */
export const sendSpans = (address: string, spans: ReadonlyArray<Span>) =>
  postSpans({ url: `${withoutSlash(address)}/v1/traces` }, spans)
