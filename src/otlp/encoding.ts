import * as Effect from "effect/Effect"
import { decodeJson, decodeProtobuf, type NotOtlp } from "./export-request.ts"
import type { DecodedSpans } from "./groups.ts"
import { otlpProtobuf } from "./protobuf.ts"

/** One of the two encodings of OTLP/HTTP: how a request is read and an answer is written. */
export interface Encoding {
  readonly contentType: string
  readonly decode: (bytes: Uint8Array) => Effect.Effect<DecodedSpans, NotOtlp>
  /** `ExportTraceServiceResponse`; without a partial success if nothing was rejected. */
  readonly response: (rejectedSpans: number, errorMessage: string) => Effect.Effect<Uint8Array>
  /** `google.rpc.Status`. */
  readonly status: (code: number, message: string) => Effect.Effect<Uint8Array>
}

const writer = new TextEncoder()
const reader = new TextDecoder()

const toJson = (document: unknown) => Effect.sync(() => writer.encode(JSON.stringify(document)))

export const json: Encoding = {
  contentType: "application/json",
  decode: (bytes) => Effect.suspend(() => decodeJson(reader.decode(bytes))),
  response: (rejectedSpans, errorMessage) =>
    toJson(
      rejectedSpans === 0
        ? {}
        : { partialSuccess: { rejectedSpans: String(rejectedSpans), errorMessage } },
    ),
  status: (code, message) => toJson({ code, message }),
}

export const protobuf: Encoding = {
  contentType: "application/x-protobuf",
  decode: decodeProtobuf,
  response: (rejectedSpans, errorMessage) =>
    Effect.map(otlpProtobuf, (otlp) => otlp.response(rejectedSpans, errorMessage)),
  status: (code, message) => Effect.map(otlpProtobuf, (otlp) => otlp.status(code, message)),
}

/** The encodings that a receiver of OTLP/HTTP has to accept. */
export const encodings: ReadonlyArray<Encoding> = [json, protobuf]

/** The encoding that a `Content-Type` names, whatever its parameters. */
export const encodingOf = (contentType: string | undefined): Encoding | undefined => {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase()
  return encodings.find((encoding) => encoding.contentType === type)
}
