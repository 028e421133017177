import { deepStrictEqual, ok } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { spanTable } from "../../src/page/html/span-table.ts"
import { broken, renamed } from "../lifetimes/spans.ts"
import { largeTrace } from "./large-trace.ts"

const Table = Schema.Struct({
  texts: Schema.Array(Schema.String),
  spans: Schema.Array(Schema.Struct({ name: Schema.Number, start: Schema.Number })),
})

describe("the table of spans", () => {
  it("counts times from the arrival of each exchange's request, as sentences do", () => {
    const { text } = spanTable([...broken, ...renamed(broken, 60_000_000)])
    const json = /<script [^>]*id="span-list">(.*)<\/script>/.exec(text)?.[1] ?? ""
    const { texts, spans } = Schema.decodeUnknownSync(Schema.fromJsonString(Table))(json)
    const handlers = spans.filter(({ name }) => texts[name] === "handler")
    deepStrictEqual(
      handlers.map(({ start }) => start),
      [0.2, 0.2],
    )
  })

  it("leaves out the last spans where all would be more than a page can carry, and says how many", () => {
    const { text } = spanTable(largeTrace(20_000))
    ok(text.length < 4_500_000)
    const listed = text.match(/"duration":/g)?.length ?? 0
    ok(listed > 10_000)
    ok(text.includes(`${20_000 - listed} more spans are not in this report.`))
  })
})
