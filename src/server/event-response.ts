import { type IncomingMessage, ServerResponse } from "node:http"

/** The chunk of the latest bytes: the same bytes are written to one client after the other. */
let latest: { readonly bytes: Uint8Array; readonly chunk: Uint8Array } | undefined

const chunkOf = (bytes: Uint8Array): Uint8Array => {
  if (latest?.bytes !== bytes) {
    const lineEnd = Buffer.from("\r\n")
    const size = Buffer.from(bytes.length.toString(16))
    latest = { bytes, chunk: Buffer.concat([size, lineEnd, bytes, lineEnd]) }
  }
  return latest.chunk
}

type Callback = (error: Error | null | undefined) => void

/**
 * Sends bytes as a chunk that is made once for all clients. Node itself sends it in three parts, made for each
 * client anew, and that costs more than everything else about an event.
 */
export class EventResponse<
  Request extends IncomingMessage = IncomingMessage,
> extends ServerResponse<Request> {
  #isHeadSent = false

  override write(
    bytes: unknown,
    encoding?: BufferEncoding | Callback,
    callback?: Callback,
  ): boolean {
    const { socket } = this
    // Anything unusual is left to Node: it keeps the order, and knows when to wait.
    const isOrdinary =
      this.#isHeadSent &&
      this.chunkedEncoding &&
      !this.writableEnded &&
      !this.destroyed &&
      socket?.writableLength === 0 &&
      bytes instanceof Uint8Array &&
      bytes.length > 0 &&
      encoding === undefined &&
      callback === undefined
    if (isOrdinary) {
      return socket.write(chunkOf(bytes)) || !socket.once("drain", () => this.emit("drain"))
    }
    this.#isHeadSent = true
    return typeof encoding === "string"
      ? super.write(bytes, encoding, callback)
      : super.write(bytes, encoding ?? callback)
  }
}
