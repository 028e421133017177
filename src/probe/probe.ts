import * as Effect from "effect/Effect"
import { layerTelemetry } from "../../otel/index.ts"
import { type Finding, groupFindings } from "../../otel/lifetimes/finding.ts"
import type { JudgedExchange } from "../../otel/lifetimes/judge-trace.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { Receiver } from "../collector/receiver.ts"
import { type Deviation, deviationOf, isNone } from "./deviation.ts"
import { heldBack } from "./held-back.ts"
import { type Insight, insightOf, noInsight } from "./insight.ts"
import { isolatedSettings } from "./isolated.ts"
import { allStreamed, notesOnVisit } from "./notes.ts"
import { awaitServerSpans, hasOtherServerSpans, type Patience } from "./server-spans.ts"
import { unplannedEnd } from "./unplanned-end.ts"
import { type Connection, connectionsOf, type Visit, type VisitOptions, visit } from "./visit.ts"
import { warmUp } from "./warm-up.ts"

export interface ProbeOptions extends VisitOptions {
  readonly url: string
  /** A second server, which is visited in the same way. */
  readonly baseline: string | undefined
  /** The server may end the stream: that is expected. */
  readonly expectEnd: boolean
}

/** What was seen of an event stream from outside, and from inside if its server sent spans. */
export interface ProbeResult {
  readonly visit: Visit
  readonly baseline: { readonly visit: Visit; readonly deviation: Deviation } | undefined
  readonly findings: ReadonlyArray<Finding>
  readonly notes: ReadonlyArray<string>
  /** The exchanges in the server's spans, for drawing. */
  readonly exchanges: ReadonlyArray<JudgedExchange>
  readonly spans: ReadonlyArray<Span>
  /** False if there is a finding, a difference, or an answer that is not an event stream. */
  readonly asExpected: boolean
}

/** Connects to an event stream and reports what its clients see. */
export const probe = (options: ProbeOptions) =>
  Effect.map(visitAll(options), (visits) => conclude(visits, noInsight, options))

/** The same, and what the server's spans say once the clients have left. They go to the `Receiver`. */
export const probeCollecting = Effect.fnUntraced(function* (
  options: ProbeOptions,
  patience: Patience,
) {
  const receiver = yield* Receiver
  const client = layerTelemetry(isolatedSettings(receiver.url, "scopeline-probe"))
  const visits = yield* visitAll(options).pipe(Effect.provide(client))
  const connections = connectionsOf(visits.visit)
  const arrived = yield* awaitServerSpans(connections, patience)
  const others = yield* hasOtherServerSpans(connections)
  return conclude(visits, insightOf(arrived, patience, others), options)
})

interface Visits {
  readonly visit: Visit
  readonly baseline: Visit | undefined
}

const visitAll = Effect.fnUntraced(function* (options: ProbeOptions) {
  yield* warmUp
  const urls = [options.url, ...(options.baseline === undefined ? [] : [options.baseline])]
  const [first, baseline] = yield* Effect.forEach(urls, (url) => visit(url, options), {
    concurrency: "unbounded",
  })
  const visits: Visits = { visit: first ?? nobody(options), baseline }
  return visits
})

const nobody = ({ url, request: { method } }: ProbeOptions): Visit => ({
  url,
  method,
  connections: [],
  uncompressed: undefined,
  notes: [],
})

const conclude = (visits: Visits, insight: Insight, options: ProbeOptions): ProbeResult => {
  const visited = withShutdown(visits.visit, insight)
  const baseline = visits.baseline && {
    visit: visits.baseline,
    deviation: deviationOf(visits.baseline, visited),
  }
  const findings = groupFindings([
    ...insight.matches,
    ...(options.expectEnd ? [] : unexplainedEnds(visited, insight)),
    ...heldBack(visited),
  ])
  return {
    visit: visited,
    baseline,
    findings,
    notes: [
      ...notesOnVisit(visited),
      ...(baseline === undefined ? [] : notesOnBaseline(baseline.visit, options)),
      ...insight.notes,
    ],
    exchanges: insight.exchanges,
    spans: insight.spans,
    asExpected:
      findings.length === 0 &&
      allStreamed(visited) &&
      (baseline === undefined || (isNone(baseline.deviation) && allStreamed(baseline.visit))),
  }
}

/** Only the server knows that it was being shut down. */
const withShutdown = (visited: Visit, { shutdown }: Insight): Visit => ({
  ...visited,
  connections: visited.connections.map((connection): Connection => {
    const { traceId, seen } = connection
    const ended = seen.endedBy === "server" || seen.endedBy === "error"
    if (!ended || !shutdown.has(traceId)) return connection
    return { ...connection, seen: { ...seen, endedBy: "shutdown" } }
  }),
})

const unexplainedEnds = (visited: Visit, { explained }: Insight) =>
  visited.connections
    .filter(({ traceId }) => !explained.has(traceId))
    .flatMap((connection) => unplannedEnd(visited, connection) ?? [])

const notesOnBaseline = (visited: Visit, { expectEnd }: ProbeOptions): ReadonlyArray<string> => {
  const { connections } = visited
  const ended = connections.filter((it) => unplannedEnd(visited, it) !== undefined).length
  const own =
    expectEnd || ended === 0
      ? []
      : [`Its server ended ${ended} of ${connections.length} connections.`]
  return [...notesOnVisit(visited), ...own].map((note) => `Baseline: ${note}`)
}
