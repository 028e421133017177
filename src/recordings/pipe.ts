import { constants, createReadStream, openSync } from "node:fs"
import { Socket } from "node:net"
import type { Readable } from "node:stream"
import * as NodeStream from "@effect/platform-node/NodeStream"
import type * as Stream from "effect/Stream"

/**
 * The bytes of what can be read once and has no positions: a FIFO, the pipe of a process substitution, a
 * terminal. Fails with the system's message.
 */
export const bytesOfPipe = (path: string, isFifo: boolean): Stream.Stream<Uint8Array, Error> =>
  NodeStream.fromReadable<Uint8Array, Error>({
    evaluate: () => (isFifo && process.platform === "linux" ? fifo(path) : createReadStream(path)),
    onError: (error) => (error instanceof Error ? error : new Error(String(error))),
  })

/**
 * Waiting for a writer, or for its bytes, must not block a thread: otherwise the process could not end. Systems
 * other than Linux treat a FIFO without a writer as ended.
 */
const fifo = (path: string): Readable =>
  new Socket({
    fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
    readable: true,
    writable: false,
  })
