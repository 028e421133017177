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

/** RFC 9659 allows no larger window in an HTTP answer. Zstandard itself allows gigabytes. */
const zstdWindowLog = 23
const zstdWindow = 2 ** zstdWindowLog

interface Decoder {
  readonly name: string
  /** What a server may make it keep, in bytes. */
  readonly memory: number
  readonly make: () => Transform
}

/** A truncated answer yields what it contained. */
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

/** The encodings that can be decoded with so much memory, in the form of `Accept-Encoding`. */
export const acceptedEncodings = (memory: number): string =>
  decoders
    .filter((decoder) => decoder.memory <= memory)
    .map(({ name }) => name)
    .join(", ")

/** A decoder for this `Content-Encoding`; `undefined`: we cannot decode it. */
export const decoderOf = (encoding: string, memory: number): Transform | undefined => {
  const name = encoding.trim().toLowerCase().replace(/^x-/, "")
  return decoders.find((it) => it.name === name && it.memory <= memory)?.make()
}

/** Whether the encoding leaves the body as it is. */
export const isPlain = (encoding: string | undefined): boolean =>
  encoding === undefined || /^\s*(?:identity)?\s*$/i.test(encoding)
