import { deepStrictEqual, ok, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { encodeJson } from "../../src/otlp/encode.ts"
import { decodeDocumentAtOnce } from "../../src/otlp/export-request.ts"
import { spansOfLine } from "../../src/otlp/json-line/request.ts"
import { Random } from "../truth/random.ts"
import { AnyGroups, spanOf, spansOf } from "./spans.ts"

/** What stands around a line does not belong to it. */
const above = Buffer.from('{"resourceSpans":\n')
const below = Buffer.from('\n],"spans":[]}\n')

const readLine = (line: Uint8Array) => {
  const bytes = Buffer.concat([above, line, below])
  return spansOfLine(bytes, above.length, above.length + line.length)
}

/** What the reader of documents makes of the same. */
const readDocument = (line: Buffer) => {
  try {
    return Result.getOrUndefined(decodeDocumentAtOnce(JSON.parse(line.toString("utf8"))))
  } catch {
    return undefined
  }
}

const request = (span: object, scope: object = { name: "scope", version: "1" }) => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: "service.name", value: { stringValue: "test" } }] },
      scopeSpans: [{ scope, spans: [span, { ...span, spanId: "b7ad6b7169203332" }] }],
    },
  ],
})

const attributes = [
  { key: "text", value: { stringValue: "GET" } },
  { key: "empty", value: { stringValue: "" } },
  { key: "é \u2028 \ud83d\ude00", value: { stringValue: 'with "quotes", \\ and\nlines ⚡' } },
  { key: "count", value: { intValue: "-12" } },
  { key: "number", value: { intValue: 7 } },
  { key: "share", value: { doubleValue: 0.5e-3 } },
  { key: "none", value: { doubleValue: "NaN" } },
  { key: "yes", value: { boolValue: true } },
  { key: "bytes", value: { bytesValue: "AQID" } },
  { key: "unknown", value: {} },
  { key: "__proto__", value: { stringValue: "a sender chooses the keys" } },
  { key: "long", value: { stringValue: "x".repeat(100) } },
  { key: "list", value: { arrayValue: { values: [{ stringValue: "a" }, {}, { intValue: "1" }] } } },
  {
    key: "map",
    value: { kvlistValue: { values: [{ key: "inner", value: { boolValue: false } }] } },
  },
]

const span = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  parentSpanId: "0000000000000000",
  traceState: "a=b",
  flags: 257,
  name: "work",
  kind: 2,
  startTimeUnixNano: "1795424010727051999",
  endTimeUnixNano: "1795424010727992000",
  attributes,
  droppedAttributesCount: 0,
  events: [{ timeUnixNano: "1795424010727060000", name: "event", attributes }],
  links: [
    { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", attributes: [] },
    { traceId: "", spanId: "", attributes: [] },
  ],
  status: { code: 2, message: "broke" },
}

const spaced = (value: unknown): string =>
  JSON.stringify(value, undefined, 1).replaceAll("\n", "\t \r")

const wellWritten = [
  JSON.stringify(request(span)),
  `${spaced(request(span))}\r`,
  JSON.stringify(request({ ...span, kind: "SPAN_KIND_SERVER", status: {}, links: [], events: [] })),
  JSON.stringify(
    request({ ...span, traceId: span.traceId.toUpperCase(), startTimeUnixNano: 1500 }),
  ),
  JSON.stringify({ schema: { of: ["another", "field"] }, ...request(span, {}) }),
]

const marks = Buffer.from('"\\{}[]:,-.nt\t \n\0')

/** One of them with a few of its bytes gone, doubled, or others. */
const spoilt = (random: Random): Buffer => {
  let line: Buffer = Buffer.from(wellWritten[random.int(0, wellWritten.length - 1)] ?? "")
  for (let left = random.int(1, 3); left > 0; left--) {
    const from = random.int(0, line.length - 1)
    const to = Math.min(line.length, from + random.int(0, random.pick([1, 1, 4, 40, 400])))
    const other = random.pick<() => Uint8Array>([
      () => new Uint8Array(),
      () => Buffer.from(random.pick(["null", '\\"', "\\u0061", "{}", "é", "0e-", '"":'])),
      () => Buffer.of(marks[random.int(0, marks.length - 1)] ?? 0),
      () => Buffer.concat([line.subarray(from, to), line.subarray(from, to)]),
      () => Uint8Array.of(random.int(0, 255)),
    ])()
    line = Buffer.concat([line.subarray(0, from), other, line.subarray(to)])
  }
  return line
}

describe("the reader of lines", () => {
  it.prop(
    "reads what exporters write as the reader of documents does",
    [AnyGroups],
    ([groups]) => {
      const line = Buffer.from(encodeJson(spansOf(groups)))
      const spans = readDocument(line)?.spans ?? []
      deepStrictEqual(readLine(line), spans.length === 0 ? undefined : spans)
    },
    { arbitrary: { runs: 30 }, timeout: 30_000 },
  )

  it("knows the ways in which a request is written", () => {
    for (const line of wellWritten.map((it) => Buffer.from(it))) {
      deepStrictEqual(readLine(line), readDocument(line)?.spans)
    }
  })

  it("refuses a spoilt line, or reads of it what the reader of documents does", () => {
    const random = new Random(18)
    let read = 0
    for (let count = 0; count < 5_000; count++) {
      const line = spoilt(random)
      const spans = readLine(line)
      if (spans === undefined) continue
      read += 1
      deepStrictEqual({ spans, rejected: [] }, readDocument(line), line.toString("utf8"))
    }
    ok(read > 500)
  })

  it("keeps one record of attributes that come again", () => {
    const [first, second] =
      readLine(
        Buffer.from(
          encodeJson([
            spanOf({ attributes: { a: 1 } }),
            spanOf({ attributes: { a: 1 }, spanId: "b7ad6b7169203332" }),
          ]),
        ),
      ) ?? []
    strictEqual(first?.attributes, second?.attributes)
    deepStrictEqual(first?.attributes, { a: 1 })
  })
})
