import { LIFETIME_KIND } from "../attributes.ts"
import { text } from "./attribute-reader.ts"
import { type Finding, groupFindings, isSameMatch, type Match } from "./finding.ts"
import { exchangesOf, type Trace, traces } from "./from-spans.ts"
import { judge } from "./judge.ts"
import type { Exchange } from "./model.ts"
import { recordedFinding } from "./recorded.ts"
import type { Moment } from "./rule.ts"
import type { Span } from "./span.ts"
import type { Micros } from "./time.ts"

/** How long a lifetime may outlive what it was acquired for: 1 s. */
export const defaultGrace: Micros = 1_000_000

export interface DiagnoseOptions {
  /** Grace period of the rules, in microseconds of the spans' own time. */
  readonly grace?: Micros
  /** The moment of judgement; the last moment that the spans tell of where it is not given. */
  readonly now?: Micros
}

/** What was read out of spans. */
export interface Diagnosis {
  readonly traces: number
  readonly spans: number
  readonly exchangesJudged: number
  readonly exchangesOpen: number
  /** What could not be judged, in sentences. */
  readonly notes: ReadonlyArray<string>
  readonly findings: ReadonlyArray<Finding>
  /** Each exchange with what was found about it, for drawing. */
  readonly exchanges: ReadonlyArray<Judged>
}

export interface Judged {
  readonly exchange: Exchange
  readonly matches: ReadonlyArray<Match>
}

/** Reads lifetimes out of finished spans and names the bugs in them. */
export const diagnose = (spans: Iterable<Span>, options: DiagnoseOptions = {}): Diagnosis => {
  const byTrace = traces(spans)
  const moment: Moment = {
    now: options.now ?? lastMoment(byTrace.values()),
    grace: options.grace ?? defaultGrace,
    final: true,
  }
  const exchanges = [...byTrace.values()].flatMap((trace) => judgeTrace(trace, moment))
  const judged = exchanges.filter(({ exchange }) => exchange.endedAt !== undefined).length
  return {
    traces: byTrace.size,
    spans: [...byTrace.values()].reduce((sum, trace) => sum + trace.size, 0),
    exchangesJudged: judged,
    exchangesOpen: exchanges.length - judged,
    notes: notesOn(judged, exchanges.length - judged),
    findings: groupFindings(exchanges.flatMap(({ matches }) => matches)),
    exchanges,
  }
}

const lastMoment = (all: Iterable<Trace>): Micros => {
  let last = 0
  for (const trace of all) for (const span of trace.values()) last = Math.max(last, span.endedAt)
  return last
}

const judgeTrace = (trace: Trace, moment: Moment): ReadonlyArray<Judged> => {
  const exchanges = exchangesOf(trace)
  const only = exchanges.length === 1 ? exchanges[0] : undefined
  return exchanges.map((exchange) => ({
    exchange,
    matches: union(judge(exchange, moment).matches, recordedIn(trace, exchange, exchange === only)),
  }))
}

const recordedIn = (trace: Trace, exchange: Exchange, alone: boolean): ReadonlyArray<Match> =>
  [...trace.values()].flatMap((span) => {
    if (text(span, LIFETIME_KIND) === undefined) return []
    const own = span.parentSpanId === exchange.span.spanId
    if (!own && !alone) return []
    return recordedFinding(exchange, span) ?? []
  })

/** A finding recorded in the spans and the same one recomputed from them are one. */
const union = (
  computed: ReadonlyArray<Match>,
  recorded: ReadonlyArray<Match>,
): ReadonlyArray<Match> => [
  ...computed,
  ...recorded.filter((match) => !computed.some((other) => isSameMatch(match, other))),
]

const notesOn = (judged: number, open: number): ReadonlyArray<string> => {
  const notes: Array<string> = []
  if (judged === 0 && open === 0) {
    notes.push(
      "No server span was found (kind server, with http.route or url.path): no exchange could be " +
        "judged. This says nothing about the health of the service.",
    )
  }
  if (open > 0) {
    const exchanges = open === 1 ? "1 exchange had" : `${open} exchanges had`
    notes.push(`${exchanges} not ended when the spans were taken and could not be judged.`)
  }
  return notes
}
