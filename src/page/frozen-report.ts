import { type Finding, maximumExamples } from "../../otel/lifetimes/finding.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { type Trace, traces } from "../../otel/lifetimes/trace.ts"
import type { Layout, Panel } from "../../otel/timeline/layout.ts"
import { boundedSpan } from "./bounded-span.ts"
import { exchangeDetailOf } from "./exchange-detail.ts"
import { exchangeIdOf, exchangeRowOf } from "./exchange-row.ts"
import { kindIdOf, kindOfFinding } from "./finding-kind.ts"
import type { Freezable } from "./frozen.ts"
import type { FindingGroup, Report, ReportedRun } from "./report.ts"
import type {
  Drawing,
  ExchangeDetail,
  ExchangeId,
  ExchangeRow,
  FindingKind,
  PageCounts,
  Run,
} from "./snapshot.ts"

/** The page of a report: each run with its exchanges, what was found, and what is drawn first. */
export const frozenReport = (report: Report): Freezable => {
  const runs = report.runs.map(keptRun)
  const rows = runs.flatMap((run) => run.rows).sort((a, b) => b.startedAt - a.startedAt)
  const details = new Map(runs.flatMap((run) => run.details).map((detail) => [detail.id, detail]))
  const drawings = report.timelines
    .filter(({ panels }) => panels.length > 0)
    .map(
      ({ heading, panels, compared }): Drawing => ({
        ...(heading === undefined ? {} : { heading }),
        compared,
        panels: panels.map((panel) => drawnPanel(panel, details)),
      }),
    )
  const findings = report.findings.flatMap((group) => kindsOf(group, rows))
  const now = Math.max(0, ...rows.map(({ startedAt, endedAt }) => endedAt ?? startedAt))
  return {
    snapshot: {
      server: "",
      rev: 0,
      now,
      title: report.title,
      outcome: report.outcome,
      verdict: [...report.verdict, ...(report.shown ?? [])],
      environment: report.environment,
      steps: [],
      rows,
      findings,
      held: [],
      heldRest: 0,
      runs: report.runs.length < 2 ? [] : runs.map(({ run }) => run),
      counts: countsOf(report.runs, rows),
      notes: report.notes,
      ...(drawings.length === 0 ? {} : { drawings }),
    },
    detail: async (id) => details.get(id),
  }
}

interface KeptRun {
  readonly run: Run
  readonly rows: ReadonlyArray<ExchangeRow>
  readonly details: ReadonlyArray<ExchangeDetail>
}

const keptRun = ({ name, exchanges, spans }: ReportedRun, index: number): KeptRun => {
  const number = index + 1
  const byTrace = traces(spans)
  const none: Trace = new Map()
  const kept = exchanges.map((judged) => {
    const { traceId, spanId } = judged.exchange.span
    const trace = byTrace.get(traceId) ?? none
    const row = exchangeRowOf(judged, { run: number }, trace.get(spanId))
    return { row, detail: exchangeDetailOf(judged, trace) }
  })
  const told = new Set(exchanges.map(({ exchange }) => exchange.span.traceId))
  const others = [...byTrace].flatMap(([traceId, trace]) =>
    told.has(traceId) ? [] : [spansAlone([...trace.values()], number)],
  )
  const all = [...kept, ...others]
  const rows = all.map(({ row }) => row)
  const beganAt = Math.min(...rows.map(({ startedAt }) => startedAt))
  const service = rows[0]?.service ?? ""
  const run: Run = { number, service, beganAt, ...(name === undefined ? {} : { name }) }
  return { run, rows, details: all.map(({ detail }) => detail) }
}

/** A trace without an exchange: its spans can still be read. */
const spansAlone = (spans: ReadonlyArray<Span>, run: number) => {
  const startedAt = Math.min(...spans.map((span) => span.startedAt))
  const endedAt = Math.max(...spans.map((span) => span.endedAt))
  const [first] = spans.toSorted((a, b) => a.startedAt - b.startedAt)
  const id = exchangeIdOf(first ?? { traceId: "0", spanId: "0" })
  const service = first?.resource["service.name"]
  const name = first?.name ?? ""
  const layout: Layout = { ...emptyLayout, origin: startedAt, end: (endedAt - startedAt) / 1000 }
  const row: ExchangeRow = {
    ...{ id, run, startedAt, endedAt, kinds: [] },
    service: typeof service === "string" ? service : "",
    route: `${name} (no exchange)`,
    state: "ended",
    isStream: false,
    words: [id, ...spans.slice(0, 20).map((span) => span.name)].join(" ").toLowerCase(),
  }
  return { row, detail: { id, layout, kinds: [], spans: spans.map(boundedSpan) } }
}

const emptyLayout: Layout = {
  origin: 0,
  rows: [],
  ties: [],
  findings: [],
  end: 0,
  open: false,
  omitted: 0,
}

/** A drawing of a kept exchange, or of what was seen only from outside. */
const drawnPanel = (
  { title, note, layout }: Panel,
  details: Map<ExchangeId, ExchangeDetail>,
): Drawing["panels"][number] => {
  const spanId = layout.rows.find(({ kind }) => kind === "exchange")?.spanId
  const known = [...details.values()].find(
    ({ id, layout: { origin } }) => id.endsWith(`.${spanId}`) && origin === layout.origin,
  )
  const id: ExchangeId = known?.id ?? `0.${spanId ?? layout.rows[0]?.spanId ?? "0"}`
  if (known === undefined) details.set(id, { id, layout, kinds: [], spans: [] })
  return { id, title, ...(note === undefined ? {} : { note }) }
}

const kindsOf = (
  { findings, state }: FindingGroup,
  rows: ReadonlyArray<ExchangeRow>,
): ReadonlyArray<FindingKind> =>
  findings.map(({ finding, note }) => {
    const kind = kindOf(finding, rows)
    if (state === "known") return { ...kind, known: note ?? "" }
    const noted = note === undefined ? kind : { ...kind, note }
    return state === undefined || state === "new" ? noted : { ...noted, state }
  })

const kindOf = (finding: Finding, rows: ReadonlyArray<ExchangeRow>): FindingKind => {
  const id = kindIdOf(finding)
  const about = rows.filter(({ kinds }) => kinds.includes(id))
  const times = about.map(({ startedAt, endedAt }) => endedAt ?? startedAt)
  const examples = about.slice(0, maximumExamples).map((row) => row.id)
  return {
    ...kindOfFinding(finding, examples, Math.max(0, ...times)),
    firstAt: Math.min(...times, Number.MAX_SAFE_INTEGER),
    run: Math.max(1, ...about.map(({ run }) => run)),
  }
}

const countsOf = (
  runs: ReadonlyArray<ReportedRun>,
  rows: ReadonlyArray<ExchangeRow>,
): PageCounts => {
  const kept = runs.map(({ exchanges }) => exchanges.length)
  const sum = (numbers: ReadonlyArray<number>) => numbers.reduce((all, one) => all + one, 0)
  const open = rows.filter(({ state }) => state === "open").length
  return {
    open: sum(runs.map((run) => run.open ?? 0)) || open,
    ended: sum(runs.map((run, index) => run.judged ?? kept[index] ?? 0)),
    judged: sum(runs.map((run, index) => run.judged ?? kept[index] ?? 0)),
    lastHeard: 0,
    letGo: 0,
    lostSpans: 0,
  }
}
