import { deepStrictEqual, strictEqual } from "node:assert"
import { beforeAll, describe, it } from "@effect/vitest"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { grace, type RecordedTraces, recordStopping } from "./recorded-trace.ts"
import { spanOf, tree } from "./span-tree.ts"

let traces: RecordedTraces

beforeAll(async () => {
  traces = await recordStopping()
})

const streaming = ["literal", "fixed"] as const

describe("a server that is stopped while a client reads", () => {
  it("leaves out nothing of the fixed stream", () => {
    deepStrictEqual(tree(traces.fixed.spans), [
      "client GET /event (client)",
      "  GET /event (server)",
      "    scope request",
      "      scope connection",
      "        subscription bus",
      "    stream event",
    ])
  })

  it("leaves out nothing of the literal one", () => {
    deepStrictEqual(tree(traces.literal.spans), [
      "client GET /event (client)",
      "  GET /event (server)",
      "    scope request",
      "      subscription bus",
      "    stream event",
    ])
  })

  it.each(streaming)("leaves out nothing of the program's own of %s", (variant) => {
    deepStrictEqual(traces[variant].others.map(tree), [["scope application"]])
  })

  it.each(streaming)("says that stream and exchange of %s ended by shutdown", (variant) => {
    const { spans } = traces[variant]
    strictEqual(spanOf(spans, "GET /event").attributes["exchange.ended_by"], "shutdown")
    strictEqual(spanOf(spans, "stream event").attributes["effect.stream.ended_by"], "shutdown")
  })

  it.each(streaming)("ends the client's stream of %s cleanly", (variant) => {
    const { attributes } = spanOf(traces[variant].spans, "client GET /event")
    strictEqual(attributes["client.ended_by"], "server")
  })

  it.each(streaming)("leaves nothing of %s open", (variant) => {
    for (const span of [...traces[variant].spans, ...traces[variant].others.flat()]) {
      strictEqual(span.attributes["lifetime.open"], undefined, span.name)
    }
  })

  it.each(streaming)("is healthy in %s", (variant) => {
    deepStrictEqual(diagnose(traces[variant].spans, { grace }).findings, [])
  })
})
