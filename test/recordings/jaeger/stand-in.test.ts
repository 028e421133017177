import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { jaegerStandIn } from "../../support/jaeger-stand-in.ts"
import { fixture, fixtureTrace, send } from "./answers.ts"

describe("the stand-in for Jaeger", () => {
  it.live("answers like an answer recorded from Jaeger", () =>
    Effect.gen(function* () {
      const jaeger = yield* jaegerStandIn
      yield* send(
        jaeger.address,
        JSON.stringify({
          resourceSpans: [
            {
              scopeSpans: [
                {
                  spans: [
                    {
                      traceId: fixtureTrace,
                      spanId: "0000000000000002",
                      parentSpanId: "",
                      name: "foobar",
                      kind: "SPAN_KIND_SERVER",
                      attributes: [],
                      droppedAttributesCount: 0,
                      status: { code: "STATUS_CODE_ERROR" },
                    },
                  ],
                },
              ],
            },
          ],
        }),
      )
      const answer = yield* Effect.promise(() =>
        fetch(`${jaeger.address}/api/v3/traces/${fixtureTrace}`).then((response) =>
          response.json(),
        ),
      )
      expect(answer).toEqual(JSON.parse(fixture("GetTrace.json")))
      expect(answer).toEqual(JSON.parse(fixture("FindTraces.json")))
    }),
  )
})
