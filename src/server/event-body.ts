import * as ByteSize from "effect/ByteSize"
import * as Effect from "effect/Effect"
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { EventInput } from "./frame.ts"
import { Problem } from "./problem.ts"

/** The largest body that is read: 1 MiB. */
const maximumBytes = 1024 * 1024

/** A body that is not an event, with the answer that says so. */
export class BadBody extends Schema.TaggedError<BadBody>()("BadBody", {
  status: Schema.Literals([400, 413]),
  problem: Problem,
}) {}

const tooLarge = new BadBody({
  status: 413,
  problem: { error: "too_large", message: `A body may have at most ${maximumBytes} bytes.` },
})

const cutShort = new BadBody({
  status: 400,
  problem: { error: "cut_short", message: "The body did not arrive." },
})

/** Deeper bodies cannot be checked or written again without a stack overflow. */
const deepest = 100

const tooDeep = new BadBody({
  status: 400,
  problem: { error: "too_deep", message: `JSON may be nested at most ${deepest} levels deep.` },
})

/** Level by level, because a body that is too deep is too deep for recursion as well. */
const isShallow = (body: unknown): boolean => {
  let level: ReadonlyArray<unknown> = [body]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) return false
    level = level.flatMap((value) =>
      typeof value === "object" && value !== null ? Object.values(value) : [],
    )
  }
  return true
}

/** Reads the event that a request publishes. */
export const readEvent = (
  request: HttpServerRequest.HttpServerRequest,
): Effect.Effect<EventInput, BadBody> =>
  readText(request).pipe(
    Effect.flatMap(parseJson),
    Effect.filterOrFail(isShallow, () => tooDeep),
    Effect.flatMap(decodeEvent),
  )

const readText = (request: HttpServerRequest.HttpServerRequest) => {
  const length = Number(request.headers["content-length"] ?? 0)
  if (length > maximumBytes) return Effect.fail(tooLarge)
  return request.text.pipe(
    Effect.provideService(HttpIncomingMessage.MaxBodySize, ByteSize.bytes(maximumBytes)),
    Effect.mapError(({ reason }) =>
      reason._tag === "RequestParseError" && reason.reason === "BodyTooLarge" ? tooLarge : cutShort,
    ),
  )
}

const parseJson = (text: string): Effect.Effect<unknown, BadBody> =>
  Effect.try({
    try: (): unknown => JSON.parse(text),
    catch: (cause) =>
      new BadBody({
        status: 400,
        problem: {
          error: "malformed_json",
          message: cause instanceof Error ? cause.message : "The body is no JSON.",
        },
      }),
  })

const formatIssues = SchemaIssue.makeFormatterStandardSchemaV1()

const decodeEvent = (body: unknown): Effect.Effect<EventInput, BadBody> =>
  Schema.decodeUnknownEffect(EventInput)(body, { errors: "all" }).pipe(
    Effect.mapError(
      (error) =>
        new BadBody({
          status: 400,
          problem: {
            error: "invalid_event",
            message: 'The body is no event: {"type": string, "properties": object} is expected.',
            issues: formatIssues(error.issue).issues.map(({ path = [], message }) => ({
              path: path.map(String).join("."),
              message,
            })),
          },
        }),
    ),
  )
