import { ok, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { failureOf } from "../../otel/instrument/records/exit.ts"
import { quotedError } from "../../otel/lifetimes/error-text.ts"
import { judge } from "../../otel/lifetimes/judge.ts"
import type { Exchange } from "../../otel/lifetimes/model.ts"
import { layoutOf } from "../../otel/timeline/layout.ts"
import { afterwards, at, exchange, scope, stream, subscription } from "./exchange.ts"

const Row = Schema.Struct({ names: Schema.Array(Schema.String) })

/** What a schema says of something that is no row, in one line of what and one of where. */
const schemaMessage =
  failureOf(Schema.decodeUnknownExit(Row)({ names: [1] }).pipe(Exit.asVoid))?.message ?? ""

const request = scope("request", [0.1, 300])

const failedWith = (message: string, more: Partial<Exchange> = {}): Exchange =>
  exchange([0, 300], {
    endedBy: "server",
    failed: true,
    handlerReturnedAt: at(1),
    scopes: [request],
    streams: [
      stream([2, 20], {
        endedBy: "failure",
        reads: [],
        failure: { type: "SchemaError", message, defect: true },
      }),
    ],
    ...more,
  })

const failedFeeder = {
  at: at(20),
  name: "poll",
  id: 7,
  error: schemaMessage,
  code: undefined,
  stoppedWith: undefined,
}

const judged: Readonly<Record<string, Exchange>> = {
  "context-lost": failedWith(`Service not found: Rows\n\tof ${schemaMessage}`),
  "server-ended-stream": failedWith(schemaMessage),
  "scope-closed-early": failedWith(schemaMessage, {
    scopes: [
      request,
      scope("rows", [0.2, 0.9], {
        handsOut: true,
        firstUse: { at: at(0.5), code: undefined },
      }),
    ],
  }),
  "unobserved-failure": exchange([0, 4_000], {
    endedBy: "client",
    scopes: [request],
    subscriptions: [subscription(request, [1, 4_000], { feederFailed: failedFeeder })],
    streams: [stream([2, 4_000])],
  }),
}

describe("an error of several lines", () => {
  it("is what a schema says", () => ok(schemaMessage.includes("\n"), schemaMessage))

  it.each(Object.keys(judged))("is said in one line by %s", (rule) => {
    const one = judged[rule]
    if (one === undefined) throw new Error(rule)
    const { matches } = judge(one, afterwards)
    const [match] = matches
    strictEqual(match?.rule, rule)
    for (const text of [match.message, match.evidence["exception.message"]]) {
      ok(String(text).includes('Expected string at ["names"][0]'), String(text))
      ok(!/[\n\r\t]/.test(String(text)), JSON.stringify(text))
    }
    const drawn = layoutOf(one, matches).rows.flatMap(({ facts, details }) => [
      ...facts,
      ...details.flat(),
    ])
    ok(!drawn.some((text) => text.includes("\\u")), drawn.join())
  })

  it("leaves room for the rest of the sentence", () => {
    strictEqual(quotedError(` a\r\n\t b ${"c".repeat(1_000)}`).length, 302)
  })
})
