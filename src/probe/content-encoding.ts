import type { Transform } from "node:stream"
import {
  type BrotliOptions,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from "node:zlib"

const brotliWindow = 16 * 1024 * 1024

/** RFC 9659 has no larger one in an answer of HTTP; Zstandard itself goes up to gigabytes. */
const zstdWindowLog = 23
const zstdWindow = 2 ** zstdWindowLog

interface Decoder {
  readonly name: string
  /** What a server may make it keep, in bytes. */
  readonly memory: number
  readonly make: () => Transform
}

/** An answer that is cut off gives what it held until then. */
const brotli: BrotliOptions = { finishFlush: constants.BROTLI_OPERATION_FLUSH }
const zlib = { finishFlush: constants.Z_SYNC_FLUSH }

const decoders: ReadonlyArray<Decoder> = [
  { name: "gzip", memory: 64 * 1024, make: () => createGunzip(zlib) },
  { name: "deflate", memory: 64 * 1024, make: () => createInflate(zlib) },
  { name: "br", memory: brotliWindow, make: () => createBrotliDecompress(brotli) },
  {
    name: "zstd",
    memory: zstdWindow,
    make: () =>
      createZstdDecompress({
        finishFlush: constants.ZSTD_e_flush,
        params: { [constants.ZSTD_d_windowLogMax]: zstdWindowLog },
      }),
  },
]

/** The encodings that can be decoded with so much memory, as `Accept-Encoding` has them. */
export const acceptedEncodings = (memory: number): string =>
  decoders
    .filter((decoder) => decoder.memory <= memory)
    .map(({ name }) => name)
    .join(", ")

/** What decodes a body with that `Content-Encoding`; `undefined`: nothing here can. */
export const decoderOf = (encoding: string, memory: number): Transform | undefined => {
  const name = encoding.trim().toLowerCase().replace(/^x-/, "")
  return decoders.find((it) => it.name === name && it.memory <= memory)?.make()
}

/** Whether a body is as it would be without an encoding. */
export const isPlain = (encoding: string | undefined): boolean =>
  encoding === undefined || /^\s*(?:identity)?\s*$/i.test(encoding)
