/** What a recording is by its first bytes, if it is not JSON, and what to do about it. */
export const otherBytes = (beginning: Uint8Array): string | undefined => {
  const compression = compressions.find(({ mark }) => startsWith(beginning, mark))
  if (compression !== undefined) return `is compressed with ${compression.name}: unpack it first`
  if (utf16Marks.some((mark) => startsWith(beginning, mark))) {
    return "is text in UTF-16: save it as UTF-8"
  }
  return isProtobuf(beginning) ? protobuf : undefined
}

const compressions = [
  { name: "gzip", mark: [0x1f, 0x8b] },
  { name: "zstd", mark: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: "zip", mark: [0x50, 0x4b, 0x03, 0x04] },
]

const utf16Marks = [
  [0xff, 0xfe],
  [0xfe, 0xff],
]

const startsWith = (bytes: Uint8Array, mark: ReadonlyArray<number>): boolean =>
  mark.every((byte, at) => bytes[at] === byte)

const protobuf =
  "is OTLP in protobuf, and JSON is expected: " +
  'leave "format: proto" out of the Collector\'s file exporter, or send OTLP to "scopeline collect"'

/** The Collector's file exporter writes the length of each request before it, in four bytes. */
const isProtobuf = (beginning: Uint8Array): boolean =>
  isRequest(beginning) || isRequest(beginning.subarray(4))

/**
 * Tags of messages. A request begins with the first tag (the spans of a resource). Inside, the first tag is the
 * resource and the second is the spans of a scope.
 */
const [first, second] = [0x0a, 0x12]

/** The first tag is a line break too, but no text has the second. */
const isRequest = (bytes: Uint8Array): boolean => {
  if (bytes[0] !== first) return false
  const end = bytes.subarray(0, longestLength).findIndex((byte, at) => at > 0 && byte < 0x80)
  const inside = bytes[end + 1]
  return (
    end > 0 && (inside === first || inside === second) && bytes.subarray(end, 4096).includes(second)
  )
}

/** The most bytes of a tag and its length. */
const longestLength = 6
