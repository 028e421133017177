import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { FetchHttpClient, HttpBody, HttpClient } from "effect/http"
import packageJson from "../../../package.json" with { type: "json" }
import { fetchTrace } from "../../../src/recordings/jaeger/client.ts"
import { answering } from "../../recordings/jaeger/answers.ts"
import { scopeline } from "../../support/command.ts"
import { jaegerStandIn, listening } from "../../support/jaeger-stand-in.ts"
import { otlpSink, spansIn } from "../../support/otlp-sink.ts"

const linesOf = (printed: string): ReadonlyArray<string> => printed.trimEnd().split("\n")

describe("compare --otlp", () => {
  it.live(
    "links each trace, and each beside the last, below the verdict",
    () =>
      Effect.gen(function* () {
        const { address } = yield* jaegerStandIn
        const command = yield* scopeline([
          "compare",
          "--variants",
          "broken,actual,literal,fixed",
          "--otlp",
          address,
          "--jaeger",
          address,
          "--jaeger-public",
          "http://jaeger.test/ui",
        ])
        expect(yield* command.ended, command.stderr()).toBe(0)
        const lines = linesOf(command.stdout())
        const links = lines.slice(lines.indexOf("In Jaeger:") + 1)
        const ids = links.slice(0, 4).map((line) => line.slice(-32))
        const [broken, actual, literal, fixed] = ids
        const compared = (id = "") => `/${id}...${fixed}?cohort=${id}&cohort=${fixed}`
        expect(links.map((line) => line.replace(/: +/, " "))).toEqual(
          [
            ["broken", `trace/${broken}`],
            ["actual", `trace/${actual}`],
            ["literal", `trace/${literal}`],
            ["fixed", `trace/${fixed}`],
            ["broken, fixed", `trace${compared(broken)}`],
            ["actual, fixed", `trace${compared(actual)}`],
            ["literal, fixed", `trace${compared(literal)}`],
            ...["scope-closed-early", "context-lost", "subscription-leak"].map((rule) => [
              rule,
              `search?service=scopeline-sse&lookback=1h&tags=%7B%22lifetime.finding%22%3A%22${rule}%22%7D`,
            ]),
          ].map(([title, path]) => `${title} http://jaeger.test/ui/${path}`),
        )
        const verdict = lines.findIndex((line) => line.includes("Fixed: the stream stayed open"))
        expect(verdict).toBeGreaterThan(0)
        expect(verdict).toBeLessThan(lines.indexOf("In Jaeger:"))
        const { spans } = yield* fetchTrace(address, broken ?? "")
        const { version } = packageJson
        expect(spans.length).toBeGreaterThan(5)
        expect(
          new Set(spans.map(({ instrumentation }) => JSON.stringify(instrumentation))),
        ).toEqual(new Set([JSON.stringify({ name: "scopeline", version })]))
      }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer)),
    30_000,
  )

  it.live(
    "waits until Jaeger has the traces",
    () =>
      Effect.gen(function* () {
        const jaeger = yield* jaegerStandIn
        const { requests, until, address } = yield* otlpSink
        const words = ["compare", "--json", "--otlp", address, "--jaeger", jaeger.address]
        const command = yield* scopeline(words)
        yield* until(() => requests.length > 0)
        const traceIds = new Set((yield* spansIn(requests)).map(({ traceId }) => traceId))
        expect(traceIds.size).toBe(2)
        for (const traceId of traceIds) yield* jaeger.askedFor(traceId, 1)
        for (const { body } of requests) {
          yield* HttpClient.post(`${jaeger.address}/v1/traces`, { body: HttpBody.text(body) })
        }
        expect(yield* command.ended, command.stderr()).toBe(0)
      }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer)),
    30_000,
  )

  it.live(
    "ends with 1 where they do not come, and says what is missing",
    () =>
      Effect.gen(function* () {
        const jaeger = yield* jaegerStandIn
        const { address } = yield* otlpSink
        const where = ["--otlp", address, "--jaeger", jaeger.address, "--wait", "1s"]
        const command = yield* scopeline(["compare", ...where])
        expect(yield* command.ended).toBe(1)
        expect(command.stderr()).toContain(`Jaeger at ${jaeger.address} does not have trace`)
        expect(command.stdout()).toContain("Fixed: the stream stayed open")
        expect(command.stdout()).not.toContain("In Jaeger:")
      }).pipe(Effect.scoped),
    30_000,
  )

  it.live(
    "says that it cannot look where another program takes the spans, and links all the same",
    () =>
      Effect.gen(function* () {
        const viewer = yield* listening(answering(404, "text/html", "<h1>Not found</h1>"))
        const { address } = yield* otlpSink
        const command = yield* scopeline(["compare", "--otlp", address, "--jaeger", viewer])
        expect(yield* command.ended).toBe(0)
        expect(command.stderr()).toContain("does not answer as Jaeger's API v3 does")
        expect(linesOf(command.stdout()).at(-1)).toMatch(/^scope-closed-early: +http:/)
      }).pipe(Effect.scoped),
    30_000,
  )
})
