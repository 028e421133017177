import type { Finding } from "./finding.ts"
import { type JudgedExchange, judgeTrace } from "./judge-trace.ts"
import { ProgramEnds } from "./program-ends.ts"
import type { Moment } from "./rule.ts"
import type { Span } from "./span.ts"
import { Tally } from "./tally.ts"
import type { Micros } from "./time.ts"
import { type Trace, traces } from "./trace.ts"

/** How long a lifetime may outlive what it was acquired for: 1 s. */
export const defaultGrace: Micros = 1_000_000

export interface DiagnoseOptions {
  /** Grace period of the rules, in microseconds of the spans' own time. */
  readonly grace?: Micros
  /** The moment of judgement. By default the last moment that the spans know of. */
  readonly now?: Micros
  /** Spans are still on their way: a missing parent is no surprise. */
  readonly arriving?: boolean
  /** Routes of event streams that do not say their content type: `/event` or `GET /event`. */
  readonly streamRoutes?: ReadonlyArray<string>
}

/** What was read from spans. */
export interface Diagnosis {
  readonly traces: number
  readonly spans: number
  readonly exchangesJudged: number
  readonly exchangesOpen: number
  /** What could not be judged, in sentences. */
  readonly notes: ReadonlyArray<string>
  readonly findings: ReadonlyArray<Finding>
  /** Each exchange with what was found about it, for drawing. */
  readonly exchanges: ReadonlyArray<JudgedExchange>
}

/** Reads lifetimes out of finished spans and names the bugs in them. */
export const diagnose = (spans: Iterable<Span>, options: DiagnoseOptions = {}): Diagnosis => {
  const byTrace = traces(spans)
  const ends = options.now === undefined ? endsIn(byTrace.values()) : undefined
  const moment: Moment = {
    now: options.now ?? lastMoment(byTrace.values()),
    grace: options.grace ?? defaultGrace,
    final: true,
  }
  const tally = new Tally()
  const exchanges = [...byTrace.values()].flatMap((trace) => {
    const judged = judgeTrace(trace, moment, options.streamRoutes, ends)
    tally.add(trace.size, options.arriving === true ? { ...judged, unplaced: [] } : judged)
    return judged.exchanges
  })
  return {
    traces: tally.traces,
    spans: tally.spans,
    exchangesJudged: tally.exchangesJudged,
    exchangesOpen: tally.exchangesOpen,
    notes: tally.notes(),
    findings: tally.findings().map(({ finding }) => finding),
    exchanges,
  }
}

const endsIn = (all: Iterable<Trace>): ProgramEnds => {
  const ends = new ProgramEnds()
  for (const trace of all) for (const span of trace.values()) ends.see(span)
  return ends
}

const lastMoment = (all: Iterable<Trace>): Micros => {
  let last = 0
  for (const trace of all) for (const span of trace.values()) last = Math.max(last, span.endedAt)
  return last
}
