import { readdirSync, readFileSync } from "node:fs"
import { zstdCompressSync } from "node:zlib"
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer"
import { describe, expect, it } from "vitest"
import { exchangesOf } from "../../otel/lifetimes/from-spans.ts"
import { traceOf } from "../../otel/lifetimes/trace.ts"
import { UnreadParts } from "../../src/otlp/unread-parts.ts"
import { readDocument } from "../../src/recordings/formats/document.ts"
import { broken } from "../lifetimes/spans.ts"
import { sdkSpans } from "../otlp/sdk-spans.ts"
import { diagnosed, linesOf, refused } from "./recording.ts"

const folder = new URL("../fixtures/formats/", import.meta.url)
const fixture = (name: string): string => readFileSync(new URL(name, folder), "utf8")

const notRead = ["zipkin-v2.json", "empty-object.json"]
const shapes = readdirSync(folder).filter((name) => !notRead.includes(name))

const spansIn = (text: string) => {
  const read = readDocument(JSON.parse(text), new UnreadParts())
  if (typeof read === "string") throw new Error(read)
  expect(read.rejected).toEqual([])
  return read.spans
}

describe("a shape in which tools keep traces", () => {
  it("has a fixture: nine of them", () => {
    expect(shapes.length).toBeGreaterThanOrEqual(9)
  })

  it.each(shapes)("is read: %s", async (name) => {
    const diagnosis = await diagnosed(fixture(name))
    expect(diagnosis).toMatchObject({ skippedLines: 0, exchangesJudged: 1, traces: 1 })
  })

  it.each(shapes)("gives the span of the server as it was recorded: %s", (name) => {
    expect(spansIn(fixture(name))[0]).toMatchObject({
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
      kind: "server",
      startedAt: 1_800_000_000_000_000,
      endedAt: 1_800_000_000_050_000,
      resource: { "service.name": "shop" },
    })
  })

  it("may be the answer of a store for a trace of many batches, with names in snake case", () => {
    const { resourceSpans } = JSON.parse(fixture("instrumentation-library-spans.json"))
    const text = JSON.stringify({ trace: { batches: [...resourceSpans, ...resourceSpans] } })
    const snakeCased = text.replaceAll(/"(\w+)":/g, (name) =>
      name.replaceAll(/[A-Z]/g, (it) => `_${it.toLowerCase()}`),
    )
    expect(snakeCased).toContain("instrumentation_library_spans")
    expect(spansIn(snakeCased)).toEqual(spansIn(text))
    expect(spansIn(text)).toHaveLength(4)
  })
})

describe("names of HTTP from older conventions", () => {
  const asServed = (attributes: Readonly<Record<string, string>>) => {
    const document = JSON.parse(fixture("old-http-names.json"))
    document.resourceSpans[0].scopeSpans[0].spans[0].attributes = Object.entries(attributes).map(
      ([key, stringValue]) => ({ key, value: { stringValue } }),
    )
    return exchangesOf(traceOf(spansIn(JSON.stringify(document))))[0]
  }

  it("make an exchange, with its method, its path and its status", () => {
    const [exchange] = exchangesOf(traceOf(spansIn(fixture("old-http-names.json"))))
    expect(exchange).toMatchObject({ route: "GET /items", status: 200 })
  })

  it.each([
    [{ "http.method": "GET", "http.url": "https://shop:8443/items?q=1#top" }, "GET /items"],
    [{ "http.method": "GET", "http.url": "http://shop" }, "GET /"],
    [{ "http.target": "/items" }, "/items"],
    [
      { "http.method": "GET", "http.target": "/items/1", "http.route": "/items/:id" },
      "GET /items/:id",
    ],
  ])("say what %o is", (attributes, route) => {
    expect(asServed(attributes)?.route).toBe(route)
  })
})

const datadogSpan = {
  trace_id: 1,
  span_id: 2,
  parent_id: 0,
  service: "shop",
  resource: "GET /items",
  start: 1_800_000_000_000_000_000,
  duration: 1,
}

const refusals: ReadonlyArray<readonly [string, unknown, string]> = [
  ["Zipkin's spans", JSON.parse(fixture("zipkin-v2.json")), "Zipkin's JSON: convert it"],
  ["Zipkin's traces", [JSON.parse(fixture("zipkin-v2.json"))], "Zipkin's JSON: convert it"],
  ["what Datadog's tracers send", [[datadogSpan]], "Datadog's JSON: convert it"],
  ["what Datadog's agent keeps", { traces: [[datadogSpan]] }, "Datadog's JSON: convert it"],
  ["what Datadog's page downloads", { trace: { spans: { 2: datadogSpan } } }, "Datadog's JSON:"],
  ["X-Ray's answer", { Traces: [{ Id: "1-5", Segments: [] }] }, "AWS X-Ray's JSON: convert it"],
  ["what an SDK prints", { name: "a", context: {}, start_time: "" }, "what the console exporter"],
  ["a HAR file", { log: { entries: [] } }, "a HAR file of a browser: send OTLP"],
  ["a Chrome trace", { traceEvents: [] }, "a Chrome trace: send OTLP"],
  [
    "an error of Jaeger",
    { error: { httpCode: 404, message: "No traces found" } },
    "an error that Jaeger answered, not traces: let",
  ],
  [
    "an error of Jaeger's older interface",
    { data: null, total: 0, errors: [{ code: 404, msg: "trace not found" }] },
    "an error that Jaeger answered, not traces: let",
  ],
  ["services of Jaeger", { services: ["shop"] }, "Jaeger's list of services or operations"],
  ["services of Jaeger's older interface", { data: ["shop"], errors: null }, "Jaeger's list of"],
  [
    "operations of Jaeger",
    { operations: [{ name: "GET /items", spanKind: "server" }] },
    "Jaeger's list of services or operations",
  ],
  ["logs", { resourceLogs: [] }, "OTLP logs, not traces: record the traces"],
  ["logs in a list", [{ resource_logs: [] }], "OTLP logs, not traces: record the traces"],
  ["metrics", { resourceMetrics: [] }, "OTLP metrics, not traces: record the traces"],
  ["profiles", { resource_profiles: [] }, "OTLP profiles, not traces: record the traces"],
  ["an empty object", {}, "an empty object, without resourceSpans"],
  ["an empty list", [], "an empty list"],
  ["a request without spans", { resourceSpans: [] }, "traces without a span"],
  ["a resource without spans", { resourceSpans: [{ spans: [{}] }] }, "traces without a span"],
  ["an answer of Jaeger without traces", { data: [] }, "traces without a span"],
  [
    "a list with something else in it",
    [{ resourceSpans: [] }, 1],
    "element 1 of the list: traces without a span",
  ],
]

describe("what holds no traces that can be read", () => {
  it.each(refusals)("is called by its name: %s", async (_, document, reason) => {
    expect(await refused(JSON.stringify(document))).toContain(
      `Nothing in recording could be read: line 1: ${reason}`,
    )
  })

  it.each([
    ["an older Jaeger", { data: [JSON.parse(fixture("jaeger-single-trace.json"))] }],
    ["a Tempo", JSON.parse(fixture("tempo-batches.json"))],
  ])("is not what has traces beside errors and services, as of %s", (_, document) => {
    const errors = [{ code: 500, msg: "one trace could not be read" }]
    const more = { errors, error: { httpCode: 500 }, services: ["shop"] }
    expect(spansIn(JSON.stringify({ ...document, ...more })).length).toBeGreaterThan(0)
  })

  it("is called by its name beside good lines", async () => {
    const { notes } = await diagnosed(`${linesOf(broken)}{}\n${fixture("zipkin-v2.json")}`)
    expect(notes[0]).toMatch(/^2 lines could not be used: line 2 \(an empty .* line 3 \(Zipkin's/)
  })

  it("may nest as deep as it likes", async () => {
    const depth = 100_000
    const nested = `{"resource_spans":${"[".repeat(depth)}${"]".repeat(depth)}}`
    expect(await refused(nested)).toContain("Nothing in recording could be read: line 1")
  })
})

describe("a document of which a part cannot be read", () => {
  const request = JSON.parse(linesOf(broken))
  const resources = request.resourceSpans
  const logs = { resourceLogs: [] }

  const documents: ReadonlyArray<readonly [string, unknown, string]> = [
    [
      "a list",
      [1, request, logs],
      "2 parts of documents could not be read: line 1 (element 1 of the list: JSON, but not OTLP), line 1 (element 3 of the list: OTLP logs, not traces: record the traces).",
    ],
    ["a list of resources", { resourceSpans: [null, ...resources] }, "resourceSpans[0]: "],
    [
      "a list of scopes",
      { resourceSpans: [...resources, { scopeSpans: [{ spans: [] }, { spans: 1 }] }] },
      `resourceSpans[${resources.length}].scopeSpans[1].spans: `,
    ],
    [
      "an answer of Jaeger",
      { result: { resourceSpans: [...resources, 7] } },
      `resourceSpans[${resources.length}]: `,
    ],
    [
      "what Jaeger's UI downloads",
      { data: [{}, JSON.parse(fixture("jaeger-single-trace.json"))] },
      "data[0]: no trace of Jaeger's",
    ],
  ]

  it.each(documents)("gives the rest, and names the part: %s", async (_, document, part) => {
    const { notes, exchangesJudged } = await diagnosed(JSON.stringify(document))
    expect(exchangesJudged).toBe(1)
    expect(notes.join("\n")).toContain(part)
  })

  it("names a few of a million, and counts all", async () => {
    const list = `[${"1,".repeat(1_000_000)}${linesOf(broken).trim()}]`
    const { notes } = await diagnosed(list)
    expect(notes[0]).toMatch(/^1,?000,?000 parts of documents could not be read: .*, …\.$/)
    expect(notes[0]?.length).toBeLessThan(500)
  })
})

describe("a recording in protobuf", () => {
  const request = ProtobufTraceSerializer.serializeRequest(sdkSpans()) ?? new Uint8Array()
  const length = Buffer.alloc(4)
  length.writeUInt32BE(request.length)

  it.each([
    ["one request", request],
    ["what the Collector's file exporter writes", Buffer.concat([length, request])],
  ])("is called by its name, with what to do: %s", async (_, bytes) => {
    const message = await refused(new Uint8Array(bytes))
    expect(message).toMatch(
      /^recording is OTLP in protobuf, and JSON is expected: .*"scopeline col/,
    )
  })

  it("is not what a recording is that begins with empty lines", async () => {
    const pretty = JSON.stringify(JSON.parse(linesOf(broken)), undefined, 2)
    expect(await diagnosed(`\n${pretty}`)).toMatchObject({ exchangesJudged: 1 })
    expect(await diagnosed(`\n\n\n\n\n${pretty}`)).toMatchObject({ exchangesJudged: 1 })
  })

  it("is named by its compression where it has one", async () => {
    expect(await refused(new Uint8Array(zstdCompressSync(request)))).toBe(
      "recording is compressed with zstd: unpack it first.",
    )
  })
})
