import { EVIDENCE_NOT_SENT } from "../attributes.ts"
import { text } from "./attribute-reader.ts"
import { type Match, matchKey } from "./finding.ts"
import { rebuild } from "./from-spans.ts"
import { judge, judgeProgram, withoutSilenced } from "./judge.ts"
import type { Exchange } from "./model.ts"
import type { ProgramEnds } from "./program-ends.ts"
import { recordedFindings } from "./recorded.ts"
import type { Moment } from "./rule.ts"
import type { Span } from "./span.ts"
import { asEventStream } from "./stream-route.ts"
import type { Micros } from "./time.ts"
import type { Trace } from "./trace.ts"

/** An exchange with what was found about it. */
export interface JudgedExchange {
  readonly exchange: Exchange
  readonly matches: ReadonlyArray<Match>
}

/** What was found in one trace. */
export interface JudgedTrace {
  readonly exchanges: ReadonlyArray<JudgedExchange>
  /** What was found about the program itself. */
  readonly program: ReadonlyArray<Match>
  /** Names of spans that may belong to exchanges which have not come. */
  readonly unplaced: ReadonlyArray<string>
  /** The traces that its spans name and that had not been sent by then, one for each span. */
  readonly notSent: ReadonlyArray<string>
  /** How many of its spans say only that another span was open which is counted itself. */
  readonly folded: number
  /** Span ids of the exchanges about which a rule could not tell yet. */
  readonly pending: ReadonlySet<string>
  /** When to judge it again at the latest; `undefined` if only more spans can bring news. */
  readonly again: Micros | undefined
}

/** Rebuilds the exchanges of a trace and judges each of them, and the program if the trace shows it. */
export const judgeTrace = (
  trace: Trace,
  moment: Moment,
  streamRoutes: ReadonlyArray<string> = [],
  ends?: ProgramEnds,
): JudgedTrace => {
  const { exchanges, program, lifetimes, unplaced, folded } = rebuild(trace)
  const byParent =
    exchanges.length > 1 ? Map.groupBy(lifetimes, (span) => span.parentSpanId) : undefined
  const pending = new Set<string>()
  let again: Micros | undefined
  const judgeAt = (exchange: Exchange, at: Moment): ReadonlyArray<Match> => {
    const judgement = judge(exchange, at)
    if (judgement.pending) pending.add(exchange.span.spanId)
    if (judgement.again !== undefined) again = Math.min(again ?? judgement.again, judgement.again)
    return judgement.matches
  }
  const judged = exchanges.map((rebuilt) => {
    const exchange = asEventStream(rebuilt, streamRoutes)
    const own = byParent === undefined ? lifetimes : (byParent.get(exchange.span.spanId) ?? [])
    const recorded = own.flatMap((span) => recordedFindings(exchange, span))
    const matches = judgeAt(exchange, momentOf(trace.get(exchange.span.spanId), moment, ends))
    if (recorded.length === 0) return { exchange, matches }
    return { exchange, matches: withoutSilenced(union(matches, recorded), exchange) }
  })
  return {
    exchanges: judged,
    program: program === undefined ? [] : judgeProgram(program, moment),
    unplaced: unplaced.map(({ name }) => name),
    notSent: lifetimes.flatMap((span) => text(span, EVIDENCE_NOT_SENT)?.split(" ") ?? []),
    folded,
    pending,
    again,
  }
}

/** Without a given moment, each program is judged at its own end. */
const momentOf = (span: Span | undefined, moment: Moment, ends: ProgramEnds | undefined): Moment =>
  span === undefined || ends === undefined
    ? moment
    : { ...moment, now: ends.of(span) ?? moment.now }

/** One finding may be recorded in several spans of an exchange, and recomputed from them. */
const union = (
  computed: ReadonlyArray<Match>,
  recorded: ReadonlyArray<Match>,
): ReadonlyArray<Match> => {
  const matches = new Map<string, Match>()
  for (const match of [...computed, ...recorded]) {
    const key = matchKey(match)
    if (!matches.has(key)) matches.set(key, match)
  }
  return [...matches.values()]
}
