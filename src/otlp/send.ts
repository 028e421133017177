import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { withoutSlash } from "../../otel/export/address.ts"
import {
  type Answer,
  reasonFrom,
  refusalBy,
  takenOf,
  unreachableBy,
} from "../../otel/export/delivery/answer.ts"
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

/** We ignore what a receiver sends beyond this. */
const longestAnswer = 64 * 1024

/** Posts spans as OTLP JSON once, and returns what became of them. */
export const offerSpans = Effect.fnUntraced(
  function* ({ url, headers = {} }: Target, spans: ReadonlyArray<Span>) {
    const client = yield* HttpClient.HttpClient
    const request = HttpClientRequest.post(url).pipe(
      HttpClientRequest.setHeaders(headers),
      HttpClientRequest.bodyText(encodeJson(spans), "application/json"),
    )
    const response = yield* client.execute(request)
    const { status, headers: said } = response
    if (status < 200 || status > 299) return refusalBy(status, said["retry-after"])
    return takenOf(spans.length, yield* saidIn(response))
  },
  Effect.catch((error) => Effect.succeed(failureOf(error))),
)

const failureOf = ({ reason: { cause, message } }: HttpClientError.HttpClientError): Answer => {
  const inside = cause instanceof Error ? (cause.cause ?? cause) : undefined
  return inside instanceof Error
    ? unreachableBy(inside, true)
    : { kind: "unreachable", reason: reasonFrom(message), mayHaveArrived: true }
}

/** It has taken the spans, whatever it says about that. */
const saidIn = ({ stream }: HttpClientResponse.HttpClientResponse): Effect.Effect<unknown> =>
  Stream.limitBytes(stream, longestAnswer, () => Stream.empty).pipe(
    Stream.decodeText,
    Stream.mkString,
    Effect.flatMap((text) => Effect.try((): unknown => JSON.parse(text))),
    Effect.orElseSucceed(() => undefined),
  )

/** Sends spans to an OTLP/HTTP receiver, as `http://127.0.0.1:4318`. */
export const sendSpans = Effect.fnUntraced(function* (address: string, spans: ReadonlyArray<Span>) {
  const url = `${withoutSlash(address)}/v1/traces`
  const answer = yield* offerSpans({ url }, spans)
  if (answer.kind === "taken") return
  const message = `${url} took no spans: is an OTLP/HTTP receiver there?`
  return yield* new NotSent({ message })
})
