import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as PlatformError from "effect/PlatformError"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"

const lineFeed = 0x0a

/** A file to which whole lines are appended. */
export interface LineFile {
  /** Appends a line. If it cannot be written whole, nothing of it is left in front of the next line. */
  readonly append: (line: string) => Effect.Effect<void, PlatformError.PlatformError>
}

/** The file as it is open now. */
interface OpenFile {
  readonly file: FileSystem.File
  readonly scope: Scope.Closeable
  readonly isRegular: boolean
  /** True if the next line needs a line feed before it. */
  isInLine: boolean
}

/**
 * Opens a file for appending until the scope closes; fails if that is impossible. If the file was removed or
 * moved away since, it is opened again.
 */
export const openLineFile = Effect.fnUntraced(function* (
  path: string,
): Effect.fn.Return<LineFile, PlatformError.PlatformError, FileSystem.FileSystem | Scope.Scope> {
  const files = yield* FileSystem.FileSystem
  const whole = yield* Effect.scope
  const turn = yield* Semaphore.make(1)
  const writer = new TextEncoder()

  const open = Effect.gen(function* () {
    const scope = yield* Scope.fork(whole)
    return yield* Effect.gen(function* () {
      const file = yield* files.open(path, { flag: "a" })
      const { type, size } = yield* file.stat
      const isRegular = type === "File"
      const isInLine = isRegular && size > 0n && (yield* endsInLine(path, size))
      const opened: OpenFile = { file, scope, isRegular, isInLine }
      return opened
    }).pipe(
      Scope.provide(scope),
      Effect.provideService(FileSystem.FileSystem, files),
      Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause))),
    )
  })

  let current = yield* open

  const isThere = Effect.gen(function* () {
    if (!current.isRegular) return true
    const [named, opened] = [yield* files.stat(path), yield* current.file.stat]
    return named.dev === opened.dev && Option.getOrNull(named.ino) === Option.getOrNull(opened.ino)
  }).pipe(Effect.catchReason("PlatformError", "NotFound", () => Effect.succeed(false)))

  const reopen = Effect.gen(function* () {
    const left = current
    current = yield* open
    yield* Scope.close(left.scope, Exit.void)
  })

  const write = Effect.fnUntraced(function* (line: string) {
    if (!(yield* isThere)) yield* reopen
    const { file, isInLine } = current
    const { size } = yield* file.stat
    const bytes = writer.encode(`${isInLine ? "\n" : ""}${line}\n`)
    yield* file.writeAll(bytes).pipe(Effect.onError(() => takeBack(current, size)))
    current.isInLine = false
  })

  return {
    // Uninterruptible: a sender that leaves must not leave half a line behind.
    append: (line) => write(line).pipe(turn.withPermit, Effect.uninterruptible),
  }
})

/** Cuts off what was written of an incomplete line. */
const takeBack = (open: OpenFile, size: bigint): Effect.Effect<void> => {
  const cut = open.isRegular ? open.file.truncate(Number(size)) : Effect.fail(undefined)
  return Effect.catch(cut, () =>
    Effect.sync(() => {
      open.isInLine = true
    }),
  )
}

/** Whether a killed program or a full disk has left a line without its end. */
const endsInLine = (path: string, size: bigint) =>
  Effect.scoped(
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const file = yield* files.open(path)
      const last = new Uint8Array(1)
      yield* file.read(last, { position: size - 1n })
      return last[0] !== lineFeed
    }),
  ).pipe(Effect.orElseSucceed(() => false))
