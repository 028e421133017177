import * as Schema from "effect/Schema"

/** A request that is answered with an error. `code` is one of `google.rpc.Code`. */
export class Refusal extends Schema.TaggedError<Refusal>()("Refusal", {
  status: Schema.Int,
  code: Schema.Int,
  message: Schema.String,
  headers: Schema.Record(Schema.String, Schema.String),
}) {}

const invalidArgument = 3
const notFoundCode = 5
const permissionDenied = 7
const resourceExhausted = 8
const unimplemented = 12
const internal = 13

const refusal =
  (status: number, code: number, headers: Readonly<Record<string, string>> = {}) =>
  (message: string): Refusal =>
    new Refusal({ status, code, message, headers })

export const badRequest = refusal(400, invalidArgument)
export const forbidden = refusal(403, permissionDenied)
export const notFound = refusal(404, notFoundCode)
export const methodNotAllowed = refusal(405, unimplemented, { allow: "POST" })
export const tooLarge = refusal(413, resourceExhausted)
export const unsupportedType = refusal(415, invalidArgument)
export const unsupportedCoding = refusal(415, invalidArgument, { "accept-encoding": "gzip" })
export const tooMuchAtOnce = refusal(429, resourceExhausted, { "retry-after": "1" })
export const cutOff = refusal(429, resourceExhausted, { "retry-after": "1", connection: "close" })
export const failed = refusal(500, internal)
