import { gzipSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { broken } from "../../lifetimes/spans.ts"
import { diagnosed, found, linesOf, refused, rulesOf } from "../recording.ts"

const good = linesOf(broken)
const one = [["scope-closed-early", 1]]

describe("a recording of which nothing can be read", () => {
  it.each([
    ["is empty", "", "recording is empty: there is nothing to diagnose."],
    [
      "is nothing but blank lines",
      "\n \n\r\n",
      "recording is empty: there is nothing to diagnose.",
    ],
    ["is text", "hello\nworld\n", "Nothing in recording could be read: line 1: not JSON."],
    [
      "is cut short within its only line",
      good.slice(0, 400),
      "Nothing in recording could be read: line 1: JSON that is cut short.",
    ],
    [
      "is JSON of something else",
      '{"name":"scopeline"}',
      "Nothing in recording could be read: line 1: not an OTLP trace export request: resourceSpans: Missing key.",
    ],
    [
      "is a list",
      "[1]",
      "Nothing in recording could be read: line 1: element 1 of the list: JSON, but not OTLP.",
    ],
    [
      "holds logs",
      '{"resourceLogs":[]}',
      "Nothing in recording could be read: line 1: OTLP logs, not traces: record the traces.",
    ],
    [
      "holds metrics",
      '{"resourceMetrics":[]}',
      "Nothing in recording could be read: line 1: OTLP metrics, not traces: record the traces.",
    ],
    [
      "holds no span that is one",
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"1"}]}]}]}',
      "Nothing in recording could be read: line 1: traceId is not 32 hex digits, or all zero.",
    ],
  ])("says so where it %s", async (_, text, message) => {
    expect(await refused(text)).toBe(message)
  })

  it.each([
    [
      "a binary file",
      new Uint8Array([0x0a, 0x00, 0x1f]),
      "is a binary file: OTLP in JSON is expected",
    ],
    ["compressed", gzipSync(good), "is compressed with gzip: unpack it first"],
    [
      "text in UTF-16",
      Buffer.from(`\ufeff${good}`, "utf16le"),
      "is text in UTF-16: save it as UTF-8",
    ],
  ])("says so where it is %s", async (_, bytes, problem) => {
    expect(await refused(new Uint8Array(bytes))).toBe(`recording ${problem}.`)
  })
})

describe("a recording of which some lines cannot be used", () => {
  it("is judged by the others when its last line is cut short", async () => {
    const diagnosis = await diagnosed(good + good.slice(0, 300))
    expect(rulesOf(diagnosis)).toEqual(one)
    expect(diagnosis.skippedLines).toBe(1)
    expect(diagnosis.notes).toEqual(["1 line could not be used: line 2 (JSON that is cut short)."])
  })

  it("names the first of them, with their numbers and reasons, and counts all", async () => {
    const lines = ["nothing", good.trim(), "{}}", '{"resourceLogs":[]}', "a", "b", "c", "d"]
    const diagnosis = await diagnosed(lines.join("\n"))
    expect(rulesOf(diagnosis)).toEqual(one)
    expect(diagnosis.skippedLines).toBe(7)
    expect(diagnosis.notes).toEqual([
      "7 lines could not be used: line 1 (not JSON), line 3 (not JSON at character 2), " +
        "line 4 (OTLP logs, not traces: record the traces), line 5 (not JSON), " +
        "line 6 (not JSON), ….",
    ])
  })

  it("is read on behind a line that was cut short between two lines", async () => {
    for (const cut of [300, good.indexOf(",") + 1, 1]) {
      const diagnosis = await diagnosed(`${good.slice(0, cut)}\n${good}`)
      expect(rulesOf(diagnosis)).toEqual(one)
      expect(diagnosis.skippedLines).toBe(1)
    }
  })

  it("says which spans could not be read, and judges the others", async () => {
    const bad = '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"1"},7]}]}]}\n'
    const diagnosis = await diagnosed(bad + good)
    expect(rulesOf(diagnosis)).toEqual(one)
    expect(diagnosis.skippedLines).toBe(0)
    expect(diagnosis.notes).toEqual([
      "2 spans could not be read, from line 1 on: traceId is not 32 hex digits, or all zero; the span is no object.",
    ])
  })

  it("is judged although it has a mark at its beginning, or Windows line ends", async () => {
    expect(rulesOf(await diagnosed(`\ufeff${good.replaceAll("\n", "\r\n")}`))).toEqual(one)
  })

  it("is judged by the others where a crash or a rotation has left zeros", async () => {
    const diagnosis = await diagnosed(`${"\0".repeat(5_000)}\n${good}\0\0`)
    expect(rulesOf(diagnosis)).toEqual(one)
    expect(diagnosis.skippedLines).toBe(2)
  })

  it("is judged whole although a line beside it is larger than what a trace may be", async () => {
    const text = `${"x".repeat(20_000)}\n${good}`
    const limits = { window: 40_000, trace: 15_000 }
    const diagnosis = await diagnosed(text, { limits })
    expect(rulesOf(diagnosis)).toEqual(one)
    expect(diagnosis.notes).toEqual(["1 line could not be used: line 1 (not JSON)."])
  })

  it("gives no note of what was sent", async () => {
    const diagnosis = await diagnosed(`${good}secret-token\n{"secret":1}\n`)
    expect(JSON.stringify([diagnosis.notes, found(diagnosis)])).not.toContain("secret")
  })
})

describe("one document", () => {
  const document = JSON.stringify(JSON.parse(good), undefined, 2)

  it("is read where it is printed over many lines", async () => {
    const diagnosis = await diagnosed(document)
    expect(rulesOf(diagnosis)).toEqual(one)
    expect(diagnosis.skippedLines).toBe(0)
  })

  it("is read beside others, on many lines and on one", async () => {
    const diagnosis = await diagnosed(`${document}\n${good}${document}\n`)
    expect(rulesOf(diagnosis)).toEqual(one)
    expect(diagnosis.skippedLines).toBe(0)
  })

  it("counts with all its lines where it is cut short", async () => {
    const lines = document.split("\n").slice(0, 20)
    const diagnosis = await diagnosed(`${lines.join("\n")}\n${good}`)
    expect(rulesOf(diagnosis)).toEqual(one)
    expect(diagnosis.skippedLines).toBe(20)
  })

  it("may have braces, quotes and line breaks in its texts", async () => {
    const odd = broken.map((span) => ({ ...span, name: 'a "{[\\" \\\n}' }))
    const text = JSON.stringify(JSON.parse(linesOf(odd)), undefined, 2)
    expect(rulesOf(await diagnosed(text))).toEqual(one)
  })
})
