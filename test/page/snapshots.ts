import { readFileSync } from "node:fs"
import { Effect } from "effect"
import type { Match } from "../../otel/lifetimes/finding.ts"
import { type JudgedExchange, judgeTrace } from "../../otel/lifetimes/judge-trace.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { type Trace, traces } from "../../otel/lifetimes/trace.ts"
import { decodeJson } from "../../src/otlp/export-request.ts"
import { frozenPage } from "../../src/page/document.ts"
import { exchangeDetailOf } from "../../src/page/exchange-detail.ts"
import { exchangeIdOf, exchangeRowOf } from "../../src/page/exchange-row.ts"
import { kindIdOf } from "../../src/page/finding-kind.ts"
import type { Frozen } from "../../src/page/frozen.ts"
import type { ExchangeDetail, ExchangeRow, FindingKind, Snapshot } from "../../src/page/snapshot.ts"

/** The spans of a recording that belongs to the page of a rule. */
export const recorded = (rule: string): ReadonlyArray<Span> =>
  readFileSync(new URL(`../../docs/rules/${rule}.otlp.jsonl`, import.meta.url), "utf8")
    .trim()
    .split("\n")
    .flatMap((line) => Effect.runSync(decodeJson(line)).spans)

interface Found extends JudgedExchange {
  readonly trace: Trace
}

const judged = (spans: ReadonlyArray<Span>): ReadonlyArray<Found> => {
  const last = Math.max(...spans.map(({ endedAt }) => endedAt))
  const moment = { now: last + 10_000_000, grace: 1_000_000, final: true }
  return [...traces(spans).values()].flatMap((trace) =>
    judgeTrace(trace, moment).exchanges.map((exchange) => ({ ...exchange, trace })),
  )
}

const kindOf = (matches: readonly [Match, ...ReadonlyArray<Match>], at: number): FindingKind => {
  const [match] = matches
  const { rule, severity, confidence, message, service, route, operation, evidence, suggestion } =
    match
  return {
    id: kindIdOf(match),
    ...{ rule, severity, confidence, message, service, route, operation, evidence, suggestion },
    ...(match.code === undefined ? {} : { place: match.code }),
    count: matches.length,
    firstAt: at,
    lastAt: at,
    run: 1,
    examples: matches.slice(0, 5).map(({ exchange }) => exchangeIdOf(exchange)),
    state: "found",
  }
}

export const emptySnapshot: Snapshot = {
  server: "one",
  rev: 1,
  now: 1_795_424_000_000_000,
  title: "node main.ts",
  otlp: "http://127.0.0.1:41573",
  steps: [
    { text: "Listening for spans", done: true },
    { text: "The program runs (pid 4711)", done: true },
    { text: "A request at /v1/traces", done: false, hint: "Is the port right?" },
  ],
  rows: [],
  findings: [],
  held: [],
  heldRest: 0,
  runs: [{ number: 1, service: "ticks", pid: 4711, beganAt: 1_795_424_000_000_000 }],
  counts: { open: 0, lastHeard: 0, ended: 0, judged: 0, letGo: 0, lostSpans: 0 },
  notes: [],
}

/** What a page shows of these spans. */
export const pageOf = (spans: ReadonlyArray<Span>, more: Partial<Snapshot> = {}): Frozen => {
  const found = judged(spans)
  const details = found.map(
    (exchange): ExchangeDetail => exchangeDetailOf(exchange, exchange.trace),
  )
  const rows = found
    .map(
      (exchange): ExchangeRow =>
        exchangeRowOf(exchange, { run: 1 }, exchange.trace.get(exchange.exchange.span.spanId)),
    )
    .sort((a, b) => b.startedAt - a.startedAt)
  const now = Math.max(...spans.map(({ endedAt }) => endedAt))
  const kinds = Map.groupBy(
    found.flatMap(({ matches }) => matches),
    kindIdOf,
  )
  const findings = [...kinds.values()].flatMap(([first, ...rest]) =>
    first === undefined ? [] : [kindOf([first, ...rest], now)],
  )
  const open = rows.filter(({ state }) => state === "open").length
  return {
    snapshot: {
      ...emptySnapshot,
      now,
      rows,
      findings,
      counts: {
        open,
        ended: rows.length - open,
        judged: rows.length - open,
        lastHeard: 0,
        letGo: 0,
        lostSpans: 0,
      },
      ...more,
    },
    details,
  }
}

/** An exchange that ended with nothing to see in it. */
export const plainRow = (index: number, more: Partial<ExchangeRow> = {}): ExchangeRow => {
  const { startedAt = emptySnapshot.now + index * 1_000 } = more
  const id =
    `${(index + 1).toString(16).padStart(32, "0")}.${(index + 1).toString(16).padStart(16, "0")}` as const
  return {
    id,
    run: 1,
    service: "ticks",
    route: "GET /health",
    startedAt,
    endedAt: startedAt + 900,
    state: "ended",
    status: 200,
    isStream: false,
    endedBy: "server",
    kinds: [],
    words: `get /health ticks ${id.split(".").join(" ")}`,
    ...more,
  }
}

/** The file of a page of which all details are known. */
export const fileOf = ({ snapshot, details }: Frozen): Promise<string> =>
  frozenPage({ snapshot, detail: async (id) => details.find((detail) => detail.id === id) })
