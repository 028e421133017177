import { describe, expect, it } from "vitest"
import * as A from "../../otel/attributes.ts"
import { UnreadParts } from "../../src/otlp/unread-parts.ts"
import { readDocument } from "../../src/recordings/formats/document.ts"
import { broken } from "../lifetimes/spans.ts"
import { diagnosed, found, jaegerFixture, linesOf, rulesOf } from "./recording.ts"

const spansIn = (document: unknown) => {
  const read = readDocument(document, new UnreadParts())
  if (typeof read === "string") throw new Error(read)
  return read.spans
}

const span = {
  traceID: "83a9efd15c1c98a9",
  spanID: "1f",
  operationName: "GET /event",
  startTime: 1_706_678_909_209_712,
  duration: 123,
  processID: "p1",
}

const trace = (fields: object) => ({
  data: [{ spans: [{ ...span, ...fields }], processes: { p1: { serviceName: "shop" } } }],
})

const tag = (key: string, type: string, value: unknown) => ({ key, type, value })

describe("what Jaeger's UI downloads", () => {
  it("gives the same spans as the OTLP that Jaeger made it from", () => {
    const sent = spansIn(JSON.parse(jaegerFixture("otlp2jaeger-in.json")))
    expect(spansIn(JSON.parse(jaegerFixture("otlp2jaeger-out.json")))).toEqual(sent)
    expect(sent).toHaveLength(2)
  })

  it("is diagnosed as any recording, each span once", async () => {
    const diagnosis = await diagnosed(jaegerFixture("otlp2jaeger-out.json"))
    expect(diagnosis).toMatchObject({ traces: 1, spans: 1, skippedLines: 0, exchangesJudged: 0 })
  })

  it("has ids without their leading zeros, which are put back", () => {
    expect(spansIn(trace({}))[0]).toMatchObject({
      traceId: "000000000000000083a9efd15c1c98a9",
      spanId: "000000000000001f",
      endedAt: span.startTime + span.duration,
      resource: { [A.SERVICE_NAME]: "shop" },
    })
  })

  it("has the status, the kind and lists as tags", () => {
    const tags = [
      tag("span.kind", "string", "server"),
      tag("otel.status_code", "string", "ERROR"),
      tag("otel.status_description", "string", "it failed"),
      tag("error", "bool", true),
      tag("http.response.status_code", "int64", 200),
      tag("http.response.header.content-type", "string", '["text/event-stream"]'),
      tag("large", "int64", "9007199254740993"),
      tag("bracket", "string", "[not a list]"),
    ]
    expect(spansIn(trace({ tags }))[0]).toMatchObject({
      kind: "server",
      status: { code: "error", message: "it failed" },
      attributes: {
        "http.response.status_code": 200,
        "http.response.header.content-type": ["text/event-stream"],
        large: 9007199254740992,
        bracket: "[not a list]",
      },
    })
    expect(Object.keys(spansIn(trace({ tags }))[0]?.attributes ?? {})).toHaveLength(4)
  })

  it("has events as logs, and links as references that are no parents", () => {
    const logs = [
      { timestamp: 5, fields: [tag("event", "string", "exception"), tag("a", "bool", false)] },
    ]
    const references = [
      { refType: "FOLLOWS_FROM", traceID: span.traceID, spanID: "2" },
      { refType: "CHILD_OF", traceID: "7", spanID: "3" },
      { refType: "CHILD_OF", traceID: span.traceID, spanID: "4" },
    ]
    const [read] = spansIn(trace({ logs, references }))
    expect(read?.events).toEqual([{ name: "exception", time: 5, attributes: { a: false } }])
    expect(read?.parentSpanId).toBe("0000000000000004")
    expect(read?.links.map(({ spanId }) => spanId)).toEqual([
      "0000000000000002",
      "0000000000000003",
    ])
  })

  it.each([
    ["traceID", { traceID: "xyz" }],
    ["spanID", { spanID: "0000" }],
    ["startTime", { startTime: -1 }],
    ["duration", { duration: null }],
  ])("loses only a span whose %s cannot be read", (field, fields) => {
    const read = readDocument(
      { data: [...trace(fields).data, ...trace({}).data] },
      new UnreadParts(),
    )
    if (typeof read === "string") throw new Error(read)
    expect(read.spans).toHaveLength(1)
    expect(read.rejected.map(({ reason }) => reason)).toEqual([expect.stringContaining(field)])
  })
})

describe("an answer of Jaeger's API that was saved", () => {
  it("is read too, with the times that Jaeger leaves out", () => {
    expect(spansIn(JSON.parse(jaegerFixture("FindTraces.json")))).toMatchObject([
      { name: "foobar", kind: "server", startedAt: 0, endedAt: 0 },
    ])
  })

  it("gives the findings of the recording that it was made from", async () => {
    const recording = linesOf(broken)
    const answer = JSON.stringify({ result: JSON.parse(recording) })
    expect(rulesOf(await diagnosed(answer))).toEqual([["scope-closed-early", 1]])
    expect(found(await diagnosed(answer))).toEqual(found(await diagnosed(recording)))
  })
})
