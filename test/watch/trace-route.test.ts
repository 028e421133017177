import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { encodeJson } from "../../src/otlp/encode.ts"
import { brokenTrace } from "../collector/broken-trace.ts"
import { watching } from "../commands/watch/watching.ts"
import { hexOf } from "../otlp/spans.ts"
import { jaegerStandIn } from "../support/jaeger-stand-in.ts"

const send = (otlp: string, trace: number) =>
  Effect.promise(() =>
    fetch(`${otlp}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: encodeJson(brokenTrace(trace)),
    }),
  )

/** Where a browser is led that asks for a trace, or why nowhere. */
const follow = (page: string, id: string) =>
  Effect.promise(async () => {
    const response = await fetch(`${page}/trace/${id}`, { redirect: "manual" })
    return { to: response.headers.get("location"), why: await response.text() }
  })

const exchange = (trace: number) => `${hexOf(trace, 32)}.${hexOf(1, 16)}`

const words = ["--otlp-port", "0"]

describe("the address of a trace", () => {
  it.live("leads to the exchange of a trace that is kept, however its id is written", () =>
    Effect.gen(function* () {
      const watch = yield* watching(words)
      yield* send(watch.otlp, 0xab)
      for (const id of [hexOf(0xab, 32), "ab", "AB"]) {
        expect((yield* follow(watch.page, id)).to).toBe(`/#/x/${exchange(0xab)}`)
      }
    }),
  )

  it.live("leads to the exchange of one that Jaeger has, which is judged then", () =>
    Effect.gen(function* () {
      const jaeger = yield* jaegerStandIn
      yield* send(jaeger.address, 7)
      const watch = yield* watching([...words, "--jaeger", jaeger.address])
      expect((yield* follow(watch.page, hexOf(7, 32))).to).toBe(`/#/x/${exchange(7)}`)
      yield* watch.finding(({ rule }) => rule === "scope-closed-early")
      expect((yield* watch.get(`/exchange/${exchange(7)}`)).status).toBe(200)
    }),
  )

  it.live(
    "says so where Jaeger has no such trace, where there is no Jaeger, and where none was named",
    () =>
      Effect.gen(function* () {
        const jaeger = yield* jaegerStandIn
        const id = hexOf(9, 32)
        const asked = (...more: ReadonlyArray<string>) =>
          Effect.gen(function* () {
            const watch = yield* watching([...words, ...more])
            return (yield* follow(watch.page, id)).why
          })
        expect(yield* asked("--jaeger", jaeger.address)).toContain(`does not have trace ${id}.`)
        expect(yield* asked("--jaeger", "http://127.0.0.1:1")).toContain("cannot be reached")
        expect(yield* asked()).toContain("is not kept here, and no --jaeger says where to read it.")
      }),
  )
})
