import { gunzip } from "node:zlib"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Stream from "effect/Stream"
import { badRequest, type Refusal, tooLarge, tooMuchAtOnce, unsupportedCoding } from "./refusal.ts"
import type { Upload, Uploads } from "./uploads.ts"

const compressedMiB = 4
const bodyMiB = 32
const MiB = 1024 * 1024
const bodyBytes = bodyMiB * MiB

/** JSON of nothing but empty objects takes twenty times its size in memory, and seconds to read. */
const mostOpenings = 2_000_000

const gzip = "gzip"

type Coding = typeof gzip | undefined

const codingOf = (header: string | undefined): Effect.Effect<Coding, Refusal> => {
  const coding = header?.trim().toLowerCase()
  if (coding === gzip) return Effect.succeed(gzip)
  if (coding === undefined || coding === "" || coding === "identity") {
    return Effect.succeed(undefined)
  }
  return Effect.fail(unsupportedCoding("the content encoding is neither gzip nor identity"))
}

/**
 * Keeps each piece as it comes, because the number of pieces is unknown. A refused body is received to its end
 * all the same: otherwise its sender would see a broken connection instead of the answer.
 */
const receive = (
  request: HttpServerRequest.HttpServerRequest,
  limit: number,
  uploads: Uploads,
  upload: Upload,
): Effect.Effect<Uint8Array, Refusal> =>
  request.stream.pipe(
    Stream.mapError(() => badRequest("the body did not arrive")),
    Stream.runForEach((chunk) =>
      upload.received + chunk.length > limit * MiB
        ? Effect.fail(tooLarge(`the body is larger than ${limit} MiB`))
        : uploads.keep(upload, chunk),
    ),
    Effect.raceFirst(Deferred.await(upload.cut)),
    Effect.andThen(
      Effect.suspend(() => {
        if (upload.isRefused) return Effect.fail(tooMuchAtOnce("too much is being sent at once"))
        upload.isWhole = true
        return Effect.succeed(joined(upload.chunks))
      }),
    ),
  )

const joined = (chunks: Array<Uint8Array>): Uint8Array => {
  const [only, ...others] = chunks.splice(0)
  if (only === undefined) return new Uint8Array()
  return others.length === 0 ? only : Buffer.concat([only, ...others])
}

const isTooLarge = (error: Error): boolean =>
  "code" in error && error.code === "ERR_BUFFER_TOO_LARGE"

/** Off the main thread, and stopped at the limit: a gzip bomb is never unpacked. */
const decompress = (compressed: Uint8Array): Effect.Effect<Uint8Array, Refusal> =>
  Effect.callback((resume) => {
    gunzip(compressed, { maxOutputLength: bodyBytes }, (error, bytes) => {
      if (error === null) resume(Effect.succeed(bytes))
      else if (isTooLarge(error)) resume(Effect.fail(tooLarge(`more than ${bodyMiB} MiB unpacked`)))
      else resume(Effect.fail(badRequest("the body is not gzip")))
    })
  })

/** A body as it came. */
export interface PackedBody {
  readonly bytes: Uint8Array
  readonly coding: Coding
}

/** The whole body of a request: at most 4 MiB as gzip, at most 32 MiB without. */
export const receiveBody = Effect.fnUntraced(function* (
  request: HttpServerRequest.HttpServerRequest,
  uploads: Uploads,
  upload: Upload,
): Effect.fn.Return<PackedBody, Refusal> {
  const coding = yield* codingOf(request.headers["content-encoding"])
  const limit = coding === gzip ? compressedMiB : bodyMiB
  const bytes = yield* receive(request, limit, uploads, upload)
  return { bytes, coding }
})

/** The body without its compression: at most 32 MiB. */
export const unpack = ({ bytes, coding }: PackedBody): Effect.Effect<Uint8Array, Refusal> =>
  coding === gzip ? decompress(bytes) : Effect.succeed(bytes)

const openBrace = 0x7b
const openBracket = 0x5b

/** Refuses JSON that would become more objects than 32 MiB of spans can have. */
export const refuseDense = (json: Uint8Array): Effect.Effect<void, Refusal> =>
  Effect.suspend(() => {
    let openings = 0
    // By index: an iterator over bytes takes twice as long or more, which was most of what a large request cost.
    for (let at = 0; at < json.length; at++) {
      const byte = json[at]
      if (byte === openBrace || byte === openBracket) openings += 1
    }
    return openings > mostOpenings
      ? Effect.fail(tooLarge(`the body has more than ${mostOpenings} objects and lists`))
      : Effect.void
  })
