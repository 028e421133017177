import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { withoutSlash } from "../../../otel/export/address.ts"
import type { Span } from "../../../otel/lifetimes/span.ts"
import { decodeDocument } from "../../otlp/export-request.ts"
import type { DecodedSpans } from "../../otlp/groups.ts"
import { asExportRequest, JaegerAnswer } from "./answer.ts"

// What Jaeger's read API answers, version 3 of it.

const largestAnswer = "64 MiB"
const patience = "10 seconds"

/** How much of Jaeger's answer is quoted, in characters. */
const longestReason = 300

/** Nothing answered at the address, or a server that is not ready. */
export class JaegerUnreachable extends Schema.TaggedError<JaegerUnreachable>()(
  "JaegerUnreachable",
  { address: Schema.String, detail: Schema.String },
) {
  override get message(): string {
    return `Jaeger at ${this.address} cannot be reached: ${this.detail}`
  }
}

/** Something answered, and it was not what Jaeger's read API answers. */
export class NotJaeger extends Schema.TaggedError<NotJaeger>()("NotJaeger", {
  address: Schema.String,
  detail: Schema.String,
}) {
  override get message(): string {
    return `${this.address} does not answer as Jaeger's API v3 does: ${this.detail}`
  }
}

/** Jaeger does not have the trace, or not all of it that was asked for. */
export class TraceNotReady extends Schema.TaggedError<TraceNotReady>()("TraceNotReady", {
  address: Schema.String,
  traceId: Schema.String,
  spans: Schema.Int,
}) {
  override get message(): string {
    return this.spans === 0
      ? `Jaeger at ${this.address} does not have trace ${this.traceId}`
      : `Jaeger at ${this.address} has ${this.spans} of the spans of trace ${this.traceId}, and not yet all that are waited for`
  }
}

export interface Answer {
  readonly status: number
  readonly body: unknown
  /** Length of the body. */
  readonly size: number
}

const unparsable = Symbol("unparsable")

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return unparsable
  }
}

/** The innermost cause says most: `fetch failed` alone helps nobody. */
const innermost = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0])
  if (error.cause !== undefined) return innermost(error.cause)
  return (error.message || error.name).split("\n", 1)[0] ?? error.name
}

const transportFailure = (address: string, error: HttpClientError.HttpClientError) =>
  error.reason._tag === "InvalidUrlError"
    ? new JaegerUnreachable({ address, detail: "that is no address" })
    : new JaegerUnreachable({ address, detail: innermost(error) })

/** The answer to one question does not fit into memory; a smaller question may have one that does. */
export class AnswerTooLarge extends Schema.TaggedError<AnswerTooLarge>()("AnswerTooLarge", {
  address: Schema.String,
}) {
  get asNotJaeger(): NotJaeger {
    const detail = `the answer is larger than ${largestAnswer}`
    return new NotJaeger({ address: this.address, detail })
  }
}

const readBounded = <E>(address: string, body: Stream.Stream<Uint8Array, E>) => {
  const failing: Stream.Stream<Uint8Array, E | AnswerTooLarge> = body
  return Stream.limitBytes(failing, largestAnswer, () =>
    Stream.fail(new AnswerTooLarge({ address })),
  ).pipe(
    Stream.mkUint8Array,
    Effect.map((bytes) => new TextDecoder().decode(bytes)),
  )
}

const Refusal = Schema.Struct({ error: Schema.Struct({ message: Schema.String }) })
const isRefusal = Schema.is(Refusal)

/** With what Jaeger says of it. */
const refusalIn = ({ status, body }: Answer): string => {
  if (!isRefusal(body)) return `it answered ${status}`
  return `it answered ${status}, ${JSON.stringify(body.error.message.slice(0, longestReason))}`
}

/** Asks for a path below the API's, without making traces of that. */
export const ask = (address: string, path: string) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const url = `${withoutSlash(address)}/api/v3/${path}`
    const response = yield* client.execute(HttpClientRequest.get(url, { acceptJson: true }))
    const text = yield* readBounded(address, response.stream)
    const answer: Answer = { status: response.status, body: parse(text), size: text.length }
    return answer
  }).pipe(
    // Reading traces is not part of what is traced.
    Effect.provideService(HttpClient.TracerDisabledWhen, () => true),
    Effect.provideService(HttpClient.TracerPropagationEnabled, false),
    Effect.catchTag("HttpClientError", (error) => Effect.fail(transportFailure(address, error))),
    Effect.timeoutOrElse({
      duration: patience,
      orElse: () =>
        Effect.fail(new JaegerUnreachable({ address, detail: `no answer within ${patience}` })),
    }),
    Effect.filterOrFail(
      ({ status }) => status < 500,
      (answer) => new JaegerUnreachable({ address, detail: refusalIn(answer) }),
    ),
  )

const askWhole = (address: string, path: string) =>
  ask(address, path).pipe(
    Effect.catchTag("AnswerTooLarge", ({ asNotJaeger }) => Effect.fail(asNotJaeger)),
  )

const describe = (answer: Answer): string => {
  const { status, body } = answer
  if (isRefusal(body)) return refusalIn(answer)
  if (body === unparsable) return `${status} with a body that is not JSON`
  return `${status} with JSON of another shape`
}

const unexpected = (address: string, answer: Answer) =>
  new NotJaeger({ address, detail: describe(answer) })

const decodeAnswer = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  address: string,
  answer: Answer,
) =>
  answer.status === 200
    ? Schema.decodeUnknownEffect(schema)(answer.body).pipe(
        Effect.mapError(() => unexpected(address, answer)),
      )
    : Effect.fail(unexpected(address, answer))

const Services = Schema.Struct({ services: Schema.optional(Schema.Array(Schema.String)) })

/** The names of the services that Jaeger has spans of. */
export const fetchServices = Effect.fnUntraced(function* (address: string) {
  const answer = yield* askWhole(address, "services")
  const { services } = yield* decodeAnswer(Services, address, answer)
  return services ?? []
})

const isObject = Schema.is(Schema.Record(Schema.String, Schema.Unknown))

/** Jaeger says in JSON that it found nothing; another server's 404 is a page, or empty. */
const saysNotFound = ({ status, body }: Answer): boolean => status === 404 && isObject(body)

/** The traces in an answer; none if Jaeger says that it found nothing. */
export const tracesOf = Effect.fnUntraced(function* (address: string, answer: Answer) {
  if (saysNotFound(answer)) return undefined
  const traces = yield* decodeAnswer(JaegerAnswer, address, answer)
  const decoded: DecodedSpans = yield* decodeDocument(asExportRequest(traces)).pipe(
    Effect.mapError(() => unexpected(address, answer)),
  )
  return decoded
})

/** What Jaeger has of a trace, with the times that were sent. */
export const fetchTrace = Effect.fnUntraced(function* (address: string, traceId: string) {
  const answer = yield* askWhole(address, `traces/${encodeURIComponent(traceId)}?rawTraces=true`)
  const decoded = yield* tracesOf(address, answer)
  return decoded ?? (yield* new TraceNotReady({ address, traceId, spans: 0 }))
})

/**
 * Asks twice a second until Jaeger has `enough` of the trace, even while Jaeger itself is still starting. The
 * error after the time limit says what was missing last. Without `within` it never gives up.
 */
export const awaitTrace = (
  address: string,
  traceId: string,
  enough: (spans: ReadonlyArray<Span>) => boolean,
  within: Duration.Input = Duration.infinity,
) =>
  fetchTrace(address, traceId).pipe(
    Effect.filterOrFail(
      ({ spans }) => enough(spans),
      ({ spans }) => new TraceNotReady({ address, traceId, spans: spans.length }),
    ),
    Effect.retry({
      schedule: Schedule.spaced("500 millis").pipe(Schedule.upTo({ duration: within })),
      while: (error) => error._tag !== "NotJaeger",
    }),
  )
