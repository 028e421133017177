import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import type { Span } from "../../../otel/lifetimes/span.ts"
import { diagnoseSource } from "../../../src/recordings/diagnosis/diagnose-source.ts"
import { type JaegerQuestion, jaegerSource } from "../../../src/recordings/jaeger/source.ts"
import { at } from "../../lifetimes/exchange.ts"
import { broken, fixed, renamed, traceId } from "../../lifetimes/spans.ts"
import { runCommand } from "../../support/command.ts"
import { jaegerStandIn, jaegerStandInFor, listening } from "../../support/jaeger-stand-in.ts"
import { found, linesOf, rulesOf } from "../recording.ts"
import { answering, send, sentTrace } from "./answers.ts"

const second = 1_000_000

/** An hour that the traces of these tests begin in. */
const hour = { from: at(0) - 1800 * second, to: at(0) + 1800 * second }

const later = (span: Span, micros: number): Span => ({
  ...span,
  startedAt: span.startedAt + micros,
  endedAt: span.endedAt + micros,
  events: span.events.map((event) => ({ ...event, time: event.time + micros })),
})

const everything: JaegerQuestion = { traceIds: [], services: [], window: hour }

const diagnosed = (address: string, question: Partial<JaegerQuestion> = {}) =>
  diagnoseSource(jaegerSource(address, { ...everything, ...question })).pipe(
    Effect.provide(FetchHttpClient.layer),
  )

const refused = (address: string, question: Partial<JaegerQuestion> = {}) =>
  Effect.map(Effect.flip(diagnosed(address, question)), ({ message }) => message)

const holding = Effect.fnUntraced(function* (...requests: ReadonlyArray<ReadonlyArray<Span>>) {
  const jaeger = yield* jaegerStandIn
  yield* send(jaeger.address, linesOf(requests.flat()))
  return jaeger
})

describe("what Jaeger has of a window of time", () => {
  it.live("is read whole, however many traces begin in it, each of them once", () =>
    Effect.gen(function* () {
      // One every four seconds.
      const many = Array.from({ length: 450 }, (_, number) =>
        renamed(broken, number).map((span) => later(span, number * 4 * second)),
      )
      const jaeger = yield* holding(...many)
      const diagnosis = yield* diagnosed(jaeger.address, { services: ["test"] })
      expect(diagnosis).toMatchObject({ traces: 450, spans: 450 * broken.length })
      expect(rulesOf(diagnosis)).toEqual([["scope-closed-early", 450]])
      expect(diagnosis.notes).toEqual([
        `Read 450 traces of service test from Jaeger at ${jaeger.address}.`,
      ])
      const full = jaeger.searches.filter(({ traces }) => traces === 100)
      expect(full.length).toBeGreaterThan(0)
      expect(jaeger.searches.length).toBe(2 * full.length + 1)
    }),
  )

  it.live("is read whole where many traces begin in the same microsecond", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 150 }, (_, number) =>
        broken.map((span) => ({ ...span, traceId: traceId(`at once ${number}`) })),
      )
      const jaeger = yield* holding(...many)
      const window = { from: at(0) - 500, to: at(0) + 500 }
      expect(yield* diagnosed(jaeger.address, { window })).toMatchObject({ traces: 150 })
    }),
  )

  it.live("is that of every service where none is named, and of those that are", () =>
    Effect.gen(function* () {
      const other = renamed(fixed, 1).map((span) => ({
        ...span,
        resource: { "service.name": "other" },
      }))
      const jaeger = yield* holding(broken, other)
      expect(yield* diagnosed(jaeger.address)).toMatchObject({ traces: 2 })
      const diagnosis = yield* diagnosed(jaeger.address, { services: ["other"] })
      expect(diagnosis).toMatchObject({ traces: 1, findings: [] })
      expect(diagnosis.notes).toEqual([
        `Read 1 trace of service other from Jaeger at ${jaeger.address}.`,
      ])
    }),
  )

  it.live("may be nothing, which is said", () =>
    Effect.gen(function* () {
      const jaeger = yield* holding(broken)
      const window = { from: hour.from, to: hour.from + second }
      const diagnosis = yield* diagnosed(jaeger.address, { services: ["test"], window })
      expect(diagnosis).toMatchObject({ traces: 0, exchangesJudged: 0 })
      expect(diagnosis.notes.join(" ")).toMatch(
        /No server span was found.*Read 0 traces of service/,
      )
    }),
  )

  it.live("may be of a service that Jaeger does not know: then those that it knows are named", () =>
    Effect.gen(function* () {
      const jaeger = yield* holding(broken)
      const { notes } = yield* diagnosed(jaeger.address, { services: ["tset"] })
      expect(notes).toContain("Jaeger has no service tset. It has test.")
      const window = { from: hour.from, to: hour.from + second }
      const quiet = yield* diagnosed(jaeger.address, { services: ["test"], window })
      expect(quiet.notes.join(" ")).not.toContain("has no service")
    }),
  )

  it.live("is read where nobody may ask which services there are", () =>
    Effect.gen(function* () {
      const address = yield* listening((request, response) => {
        const status = request.url?.includes("/services") === true ? 403 : 404
        answering(status, "application/json", "{}")(request, response)
      })
      const { notes } = yield* diagnosed(address, { services: ["test"] })
      expect(notes).toContain(`Read 0 traces of service test from Jaeger at ${address}.`)
    }),
  )

  it.live("is asked for by the names of old and new releases", () =>
    Effect.gen(function* () {
      const jaeger = yield* holding(broken)
      yield* diagnosed(jaeger.address)
      expect(Object.fromEntries(jaeger.searches[0]?.query ?? [])).toEqual({
        "query.serviceName": "test",
        "query.service_name": "test",
        "query.startTimeMin": "2025-10-09T08:23:20.000000Z",
        "query.start_time_min": "2025-10-09T08:23:20.000000Z",
        "query.startTimeMax": "2025-10-09T09:23:20.000000Z",
        "query.start_time_max": "2025-10-09T09:23:20.000000Z",
        "query.searchDepth": "100",
        "query.search_depth": "100",
        "query.rawTraces": "true",
        "query.raw_traces": "true",
      })
    }),
  )

  it.live("leaves out what Jaeger made of itself, and counts it, where no service is named", () =>
    Effect.gen(function* () {
      const own = renamed(fixed, 1).map((span) => ({
        ...span,
        resource: { "service.name": "jaeger" },
      }))
      const jaeger = yield* holding(broken, own)
      const diagnosis = yield* diagnosed(jaeger.address)
      expect(diagnosis).toMatchObject({ traces: 1 })
      expect(diagnosis.notes).toEqual([
        "Left out 1 trace that Jaeger made of itself, as service jaeger; --service jaeger reads them.",
        `Read 1 trace of service test from Jaeger at ${jaeger.address}.`,
      ])
      expect(yield* diagnosed(jaeger.address, { services: ["jaeger"] })).toMatchObject({
        traces: 1,
      })
    }),
  )

  it.live("is read with a smaller depth where the store keeps fewer traces", () =>
    Effect.gen(function* () {
      const jaeger = yield* jaegerStandInFor(10)
      const many = Array.from({ length: 30 }, (_, number) =>
        renamed(broken, number).map((span) => later(span, number * 4 * second)),
      )
      yield* send(jaeger.address, linesOf(many.flat()))
      expect(yield* diagnosed(jaeger.address)).toMatchObject({ traces: 30 })
    }),
  )

  it.live("is what a filter says of it, and no more traces than that says", () =>
    Effect.gen(function* () {
      const jaeger = yield* holding(
        ...[1, 2, 3].map((number) => renamed(broken, number)),
        ...[4, 5, 6].map((number) => renamed(fixed, number)),
      )
      const scope = { operation: "handler" }
      expect(yield* diagnosed(jaeger.address, { filter: scope })).toMatchObject({ traces: 3 })
      expect(yield* diagnosed(jaeger.address, { filter: { most: 2 } })).toMatchObject({ traces: 2 })
    }),
  )
})

describe("traces of Jaeger that are named", () => {
  it.live("are all that is read", () =>
    Effect.gen(function* () {
      const jaeger = yield* holding(broken, renamed(broken, 1))
      const traceIds = [traceId("trace 1")]
      const diagnosis = yield* diagnosed(jaeger.address, { traceIds })
      expect(diagnosis).toMatchObject({ traces: 1 })
      expect(found(diagnosis)[0]?.examples).toMatchObject([{ traceId: traceIds[0] }])
      expect(diagnosis.notes).toEqual([`Read 1 trace from Jaeger at ${jaeger.address}.`])
    }),
  )

  it.live("are named where Jaeger does not have them", () =>
    Effect.gen(function* () {
      const jaeger = yield* holding(broken)
      expect(yield* refused(jaeger.address, { traceIds: [sentTrace] })).toBe(
        `Jaeger at ${jaeger.address} does not have trace ${sentTrace}`,
      )
    }),
  )
})

describe("an address that is not Jaeger's", () => {
  it.live("is named when nothing listens there", () =>
    Effect.gen(function* () {
      const address = yield* Effect.scoped(listening(answering(200, "text/plain", "")))
      expect(yield* refused(address)).toMatch(`Jaeger at ${address} cannot be reached`)
    }),
  )

  it.live("is named when something else answers", () =>
    Effect.gen(function* () {
      const address = yield* listening(answering(200, "text/html", "<html></html>"))
      expect(yield* refused(address, { services: ["test"] })).toMatch(
        `${address} does not answer as Jaeger's API v3 does`,
      )
    }),
  )
})

describe("scopeline diagnose with Jaeger's address", () => {
  it.live("reads a trace whose page in the UI is given", () =>
    Effect.gen(function* () {
      const jaeger = yield* holding(broken, renamed(broken, 1))
      const page = `${jaeger.address}/trace/${traceId("trace")}`
      const { code, stdout } = yield* Effect.promise(() => runCommand(["diagnose", page]))
      expect(code).toBe(1)
      expect(stdout).toContain(
        "Read 6 spans of 1 trace: 1 exchange judged, 1 finding (scope-closed-early).",
      )
    }),
  )

  it.live("reads what its services sent in the time that is given", () =>
    Effect.gen(function* () {
      const age = Date.now() * 1000 - at(0)
      const recent = broken.map((span) => later(span, age))
      const jaeger = yield* holding(recent, renamed(fixed, 1))
      const words = ["diagnose", jaeger.address, "--service", "test", "--lookback", "5m", "--json"]
      const { code, stdout } = yield* Effect.promise(() => runCommand(words))
      expect(code).toBe(1)
      expect(JSON.parse(stdout)).toMatchObject({ traces: 1, spans: 6, exchangesJudged: 1 })
    }),
  )

  it.live("reads both traces of a comparison, or the traces of a search, by its page", () =>
    Effect.gen(function* () {
      const age = Date.now() * 1000 - at(0)
      const [before, after] = [broken, renamed(fixed, 1)]
      const jaeger = yield* holding(
        before,
        after.map((span) => later(span, age)),
      )
      const [one, other] = [traceId("trace"), traceId("trace 1")]
      const page = `${jaeger.address}/trace/${one}...${other}?cohort=${one}&cohort=${other}`
      const run = (...words: ReadonlyArray<string>) => Effect.promise(() => runCommand(words))
      const both = yield* run("diagnose", page, "--json")
      expect(JSON.parse(both.stdout)).toMatchObject({ traces: 2 })
      const compared = yield* run("compare", page)
      expect([compared.code, compared.stderr]).toEqual([0, ""])
      expect(compared.stdout).toContain("scope-closed-early")
      const query = "service=test&operation=server&lookback=1h&limit=20"
      const searched = yield* run("diagnose", `${jaeger.address}/search?${query}`, "--json")
      expect(JSON.parse(searched.stdout)).toMatchObject({ traces: 1, findings: [] })
    }),
  )
})
