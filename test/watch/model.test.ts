import { deepStrictEqual, ok, strictEqual } from "node:assert"
import { readFileSync } from "node:fs"
import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Span } from "../../otel/lifetimes/span.ts"
import { writeHeldLook } from "../../otel/lifetimes/spans/held.ts"
import { decodeJson } from "../../src/otlp/export-request.ts"
import type { WatchModel } from "../../src/watch/model.ts"
import { emptyModel, second } from "./empty-model.ts"

/** The spans of a recording that belongs to a rule's page. */
const recorded = (rule: string): ReadonlyArray<Span> =>
  readFileSync(new URL(`../../docs/rules/${rule}.otlp.jsonl`, import.meta.url), "utf8")
    .trim()
    .split("\n")
    .flatMap((line) => Effect.runSync(decodeJson(line)).spans)

const isFinding = ({ name }: Span) => name.startsWith("finding ")

/** The spans by trace, without what the program itself had found. */
const tracesOf = (spans: ReadonlyArray<Span>) => [
  ...Map.groupBy(
    spans.filter((span) => !isFinding(span)),
    ({ traceId }) => traceId,
  ).values(),
]

const endOf = (spans: ReadonlyArray<Span>) => Math.max(...spans.map(({ endedAt }) => endedAt))

const modelOf = () => {
  const { runs, model } = emptyModel()
  const come = (spans: ReadonlyArray<Span>, now: number) => {
    for (const { resource } of spans) runs.heard(resource, now)
  }
  return { runs, model, come }
}

/** Tells of an exchange that it was open at a moment. */
const markerOf = (server: Span, at: number): Span => ({
  ...server,
  kind: "internal",
  spanId: "f".repeat(16),
  parentSpanId: server.spanId,
  name: `open ${server.name}`,
  endedAt: at,
  events: [],
  attributes: {
    "effect.lifetime.kind": "open",
    "lifetime.open": true,
    "http.route": "/event",
    "http.request.method": "GET",
  },
})

const rulesOf = (model: WatchModel) => model.findings().map(({ rule, count }) => [rule, count])

describe("the model of a program", () => {
  const early = recorded("scope-closed-early")

  it("lists an exchange at once, and what was found about it when its spans have settled", () => {
    const { model, come } = modelOf()
    const now = endOf(early)
    come(early, now)
    const [spans = []] = tracesOf(early)
    strictEqual(model.judge(spans, false, now).isUntold, true)
    deepStrictEqual([model.list.rows.length, rulesOf(model)], [1, []])
    strictEqual(model.judge(spans, true, now + second / 2).isUntold, false)
    deepStrictEqual(rulesOf(model), [["scope-closed-early", 1]])
    const [row] = model.list.rows
    deepStrictEqual(
      row?.kinds,
      model.findings().map(({ id }) => id),
    )
  })

  it("keeps what was told of a row while more spans come", () => {
    const { model, come } = modelOf()
    const [spans = []] = tracesOf(early)
    const now = endOf(spans)
    come(spans, now)
    model.judge(spans, true, now)
    model.judge(spans, false, now)
    strictEqual(model.list.rows[0]?.kinds.length, 1)
    deepStrictEqual(rulesOf(model), [["scope-closed-early", 1]])
  })

  it("asks about a leak again when its grace period is over, and then finds it without news", () => {
    const leak = recorded("request-scope-leak")
    const { model, come } = modelOf()
    const [spans = []] = tracesOf(leak)
    const ended = Math.max(
      ...spans.flatMap(({ kind, endedAt }) => (kind === "server" ? endedAt : [])),
    )
    come(spans, ended)
    const { again = 0 } = model.judge(spans, true, ended)
    deepStrictEqual([again, rulesOf(model)], [ended + second, []])
    model.countJudged(ended + 60 * second)
    strictEqual(model.judged.count, 0)
    model.judge(spans, true, again + 1)
    deepStrictEqual(rulesOf(model), [["request-scope-leak", 1]])
  })

  it("counts an exchange as judged when what it could have left behind would have been told", () => {
    const { model, come } = modelOf()
    const [spans = []] = tracesOf(early)
    const ended = Math.max(
      ...spans.flatMap(({ kind, endedAt }) => (kind === "server" ? endedAt : [])),
    )
    come(spans, ended)
    for (let times = 0; times < 2; times++) model.judge(spans, true, ended)
    model.countJudged(ended + second)
    strictEqual(model.judged.count, 0)
    model.countJudged(ended + 2 * second)
    model.judge(spans, true, ended + 3 * second)
    model.countJudged(ended + 60 * second)
    strictEqual(model.judged.count, 1)
  })

  it("counts each exchange of a long trace once, however often that is judged", () => {
    const { model, come } = modelOf()
    const [server] = early.filter(({ kind }) => kind === "server")
    ok(server)
    const spans = Array.from(
      { length: 5_100 },
      (_, index): Span => ({
        ...server,
        spanId: index.toString(16).padStart(16, "0"),
        attributes: { "http.request.method": "GET", "url.path": "/ok" },
        events: [],
        links: [],
      }),
    )
    come(spans, endOf(spans))
    for (let times = 0; times < 3; times++) model.judge(spans, true, endOf(spans))
    const { ended, letGo } = model.list.counts
    deepStrictEqual([ended, letGo], [5_100, 100])
  })

  it("counts an exchange as judged, too, where the clock of its program is an hour ahead", () => {
    const { model, come } = modelOf()
    const [spans = []] = tracesOf(early)
    const now = endOf(spans) - 3_600 * second
    come(spans, now)
    model.judge(spans, true, now)
    model.countJudged(now + 2 * second)
    strictEqual(model.judged.count, 1)
  })

  it("tells how many spans its programs have lost, those that ended too", () => {
    const { model } = modelOf()
    const [span] = early
    ok(span)
    const looked = (instance: string, lost: number, isLast: boolean) => {
      const look = { at: 0, places: [], total: 0, rest: 0, pid: 1, lost, isLast }
      const resource = { ...span.resource, "service.instance.id": instance }
      model.looked({ ...span, resource, ...writeHeldLook(look, span) }, 0)
    }
    looked("a", 2, false)
    looked("a", 5, true)
    looked("b", 4, false)
    model.takeGone(second)
    strictEqual(model.lostSpans, 9)
    ok(
      model
        .notes()
        .includes("The program lost 9 spans: what they would have told is missing here."),
    )
  })

  it("judges what was open when its program went as it was then", () => {
    const { model, runs, come } = modelOf()
    const [spans = []] = tracesOf(early)
    const server = spans.find(({ kind }) => kind === "server")
    ok(server)
    const now = server.startedAt + second
    const marker = markerOf(server, now)
    come([marker], now)
    model.judge([marker], true, now)
    strictEqual(model.list.rows[0]?.endedAt, undefined)
    const look = { at: now, places: [], total: 0, rest: 0, lost: 0, pid: 1, isLast: true }
    runs.held(marker.resource, look, now)
    deepStrictEqual(model.takeGone(now + second).traceIds, [marker.traceId])
    model.judge([marker], true, now + 60 * second)
    deepStrictEqual(
      model.list.rows.map(({ lastHeardAt }) => lastHeardAt),
      [now],
    )
    const detail = model.detail([marker], `${server.traceId}.${server.spanId}`, now + 60 * second)
    strictEqual(detail?.layout.end, 1_000)
    deepStrictEqual(rulesOf(model), [])
  })

  it("shows what is open of a program that was silent as open when that is heard again", () => {
    const { model, runs, come } = modelOf()
    const server = early.find(({ kind }) => kind === "server")
    ok(server)
    const now = server.startedAt + second
    const marker = markerOf(server, now)
    come([marker], now)
    const look = { at: now, places: [], total: 0, rest: 0, lost: 0, pid: undefined, isLast: false }
    runs.held(marker.resource, look, now)
    const stateAt = (at: number) => {
      for (const _ of model.takeGone(at).traceIds) model.judge([marker], true, at)
      return model.list.rows[0]?.state
    }
    model.judge([marker], true, now)
    strictEqual(stateAt(now + 26 * second), "last heard")
    runs.held(marker.resource, look, now + 27 * second)
    strictEqual(stateAt(now + 28 * second), "open")
  })

  it("finds no leak in what a program had not ended when it went", () => {
    const { model, runs, come } = modelOf()
    const [spans = []] = tracesOf(recorded("request-scope-leak"))
    const [span] = spans
    ok(span)
    const ended = Math.max(
      ...spans.flatMap(({ kind, endedAt }) => (kind === "server" ? endedAt : [])),
    )
    come(spans, ended)
    const look = { at: ended, places: [], total: 0, rest: 0, lost: 0, pid: 1, isLast: true }
    runs.held(span.resource, look, ended)
    deepStrictEqual(model.judge(spans, true, ended + 60 * second).again, undefined)
    deepStrictEqual(rulesOf(model), [])
  })
})
