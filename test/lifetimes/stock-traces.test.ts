import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import type { Failure, Handler } from "../../otel/lifetimes/model.ts"
import { contextLost } from "../../otel/lifetimes/rules/context-lost.ts"
import { serverEndedStream } from "../../otel/lifetimes/rules/server-ended-stream.ts"
import { decodeJson } from "../../src/otlp/export-request.ts"
import { afterwards, exchange } from "./exchange.ts"
import { span } from "./spans.ts"

const capture = (version: string) => {
  const file = new URL(`../fixtures/captures/opencode-${version}.otlp.jsonl`, import.meta.url)
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => Effect.runSync(decodeJson(line)).spans)
}

const missing: Failure = {
  type: "instance",
  message: "No context found for instance",
  defect: undefined,
}
const refused: Failure = { type: "Error", message: "connection refused", defect: undefined }

const handler = (succeeded: boolean): Handler => ({
  kind: "handler",
  span: { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "00000000000000ff" },
  name: "subscribe",
  startedAt: exchange([0, 5]).startedAt,
  endedAt: exchange([0, 5]).startedAt + 1000,
  succeeded,
})

describe("spans below one that never came", () => {
  const server = span("GET /config", [0, 1], {
    kind: "server",
    attributes: { "http.route": "/config", "exchange.ended_by": "server" },
  })
  const subscribe = (name: string) => span(name, [2, 3], { below: "the process" })

  it("are told of by name, because requests among them could not be judged", () => {
    const unplaced = ["subscribe", "load"].map(subscribe)
    const { exchangesJudged, notes } = diagnose([server, ...unplaced])
    expect(exchangesJudged).toBe(1)
    expect(notes).toEqual([
      "2 spans hang under a span that had not come: load (1), subscribe (1). Requests among them " +
        "were not judged.",
    ])
  })

  it("are no news where they come from another service", () => {
    const called = { ...subscribe("GET /users"), kind: "server" as const, attributes: {} }
    expect(diagnose([server, called]).notes).toEqual([])
  })
})

describe("traces of a program without our Layer", () => {
  it("show why the event stream of OpenCode 1.14.48 ended, twice", () => {
    const { findings, exchangesJudged, exchangesOpen, notes } = diagnose(capture("1.14.48"))
    expect({ exchangesJudged, exchangesOpen, notes }).toEqual({
      exchangesJudged: 3,
      exchangesOpen: 0,
      notes: [
        "3 exchanges of opencode were recorded without Scopeline's Layer: a stream that was cut " +
          "off silently cannot be told from one that ended. Start the program with node --import " +
          "scopeline/register to record them.",
      ],
    })
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({
      rule: "context-lost",
      confidence: "certain",
      count: 2,
      service: "opencode",
      route: "GET /event",
      operation: "EventHttpApi.subscribe",
      evidence: { "exception.message": "No context found for instance", missing: "instance" },
    })
    expect(findings[0]?.message).toContain('"EventHttpApi.subscribe" had ended well at 115 ms')
  })

  it("are told of once, with every service that has some", () => {
    const stock = (name: string, service: string, attributes = {}) => ({
      ...span(name, [0, 1], { kind: "server", attributes: { "url.path": "/", ...attributes } }),
      resource: { "service.name": service },
    })
    const traced = stock("traced", "ours", { "exchange.ended_by": "client" })
    const { notes } = diagnose([
      stock("a", "users"),
      stock("b", "users"),
      stock("c", "mail"),
      traced,
    ])
    expect(notes).toHaveLength(1)
    expect(notes[0]).toMatch(/^3 exchanges of users \(2\), mail \(1\) were recorded without /)
    expect(diagnose([traced]).notes).toEqual([])
  })

  it("cannot tell anything about OpenCode 1.15.3, and say so", () => {
    const { findings, exchangesJudged, notes } = diagnose(capture("1.15.3"))
    expect(findings).toEqual([])
    expect(exchangesJudged).toBe(0)
    expect(notes).toHaveLength(1)
    expect(notes[0]).toContain("No server span was found")
  })

  it("are context-lost only likely where no span of the handler is known", () => {
    const judged = exchange([0, 5], { failure: missing })
    expect(contextLost.judge(judged, afterwards)).toMatchObject([{ confidence: "likely" }])
  })

  it("are not context-lost where the handler itself failed, or answered with an error", () => {
    const failed = exchange([0, 5], { failure: missing, handler: handler(false) })
    expect(contextLost.judge(failed, afterwards)).toEqual([])
    const answered = exchange([0, 5], { failure: missing, handler: handler(true), status: 500 })
    expect(contextLost.judge(answered, afterwards)).toEqual([])
  })

  it("are server-ended-stream where the body of an event stream failed for another reason", () => {
    const judged = exchange([0, 5], { failure: refused, handler: handler(true) })
    expect(contextLost.judge(judged, afterwards)).toEqual([])
    expect(serverEndedStream.judge(judged, afterwards)).toMatchObject([
      { confidence: "certain", operation: "subscribe" },
    ])
  })

  it("are silent about a failed body that is no event stream", () => {
    const judged = exchange([0, 5], { failure: refused, contentType: "application/json" })
    expect(serverEndedStream.judge(judged, afterwards)).toEqual([])
  })
})
