import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"

/** V8 keeps a text of more than about 1 MiB outside its heap, which costs a fraction of one within. */
const pieceSize = 4 * 1024 * 1024

/**
 * The bytes of a file, at most so many. A piece is valid until you ask for the next one: its memory is used
 * again, because a new buffer for each piece makes the garbage collector run. The next piece is read in the
 * meantime.
 */
export const piecesOfFile = (path: string, size = Number.POSITIVE_INFINITY) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const file = yield* files.open(path)
    const scope = yield* Effect.scope
    let unread = size
    let [current, other] = [Buffer.alloc(pieceSize), Buffer.alloc(pieceSize)]

    const read = Effect.suspend(() => file.read(current.subarray(0, Math.min(pieceSize, unread))))
    let reading = yield* Effect.forkIn(read, scope)

    const next = Effect.gen(function* () {
      const length = yield* Fiber.join(reading)
      if (length === 0) return yield* Cause.done()
      const piece: Uint8Array = current.subarray(0, length)
      unread -= length
      ;[current, other] = [other, current]
      reading = yield* Effect.forkIn(read, scope)
      return [piece] as const
    })
    return Stream.fromPull(Effect.succeed(next))
  }).pipe(Stream.unwrap)
