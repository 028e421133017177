import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { counted } from "../../../otel/lifetimes/counted.ts"
import type { JudgedRoute } from "../../../otel/lifetimes/judged-routes.ts"
import type { FindingWithExample } from "../../../otel/lifetimes/sightings.ts"
import type { Span } from "../../../otel/lifetimes/span.ts"
import type { KnownFound } from "../known-findings.ts"
import { ReadingLog } from "../reading-log.ts"
import { type SpanSource, UnreadableSource } from "../source.ts"
import { CountedPass } from "./counted-pass.ts"
import { FirstPass } from "./first-pass.ts"
import { defaultLimits, type Limits } from "./held-trace.ts"
import type { KeptTrace } from "./kept-traces.ts"
import { type JudgeSettings, RecordingJudge } from "./recording-judge.ts"

/** How far a source has been read. */
export interface Progress {
  /** The first pass is 1. */
  readonly pass: number
  readonly bytes: number
  readonly size: number | undefined
  /** In this pass, and in all. */
  readonly spans: number
  readonly spansOfAll: number
}

export interface SourceSettings extends JudgeSettings {
  readonly limits?: Limits
  /** Reading ends when this does; the result is what has been found by then. */
  readonly stop?: Effect.Effect<void>
  readonly onProgress?: (progress: Progress) => void
}

/** The results about a source, which may be larger than memory: a few exchanges, or only the examples. */
export interface SourceDiagnosis {
  readonly traces: number
  readonly spans: number
  readonly skippedLines: number
  readonly exchangesJudged: number
  readonly exchangesOpen: number
  readonly notes: ReadonlyArray<string>
  /** Each with an exchange that it is about. */
  readonly findings: ReadonlyArray<FindingWithExample>
  /** Findings that are accepted, and are not among the others: see `withKnown`. */
  readonly known: ReadonlyArray<KnownFound>
  /** True if reading was stopped before the end. */
  readonly isPartial: boolean
  /** What is worth drawing, in order of time; nothing without `keepTraces`. */
  readonly kept: ReadonlyArray<KeptTrace>
  /** How many spans of the kept traces are not among theirs, because there were too many. */
  readonly leftOut: number
  /** What was judged of each route; nothing without `listRoutes`. */
  readonly routes: ReadonlyArray<JudgedRoute>
}

/**
 * Judges the traces of a source one by one as they become complete, and drops them.
 *
 * The number of spans of a trace is known only at the end. So the first pass takes a trace for complete when no
 * span of it has come for long. If that was wrong, or if a trace was open and its length is known only at the
 * end, further passes judge everything anew, with these numbers. Findings keep only five examples, so a finding
 * about a part of a trace cannot be taken back.
 */
export const diagnoseSource = Effect.fnUntraced(function* <E extends Error, R>(
  source: SpanSource<E, R>,
  settings: SourceSettings = {},
) {
  const log = new ReadingLog()
  const limits = settings.limits ?? defaultLimits
  const judge = new RecordingJudge(settings)
  const first = new FirstPass(limits, (trace) => judge.judge(trace))
  const passes = new Passes(source, settings)

  yield* passes.read(log, first, judge)
  first.finish()
  if (isNothing(log, judge) && !passes.isStopped) return yield* nothingRead(source.name, log)
  if (!source.repeatable || first.isExact || passes.isStopped) {
    return conclude(judge, log, passes.isStopped, source.repeatable ? [] : givenUp(first))
  }

  const anew = new RecordingJudge(settings, judge.now)
  const table = first.recount()
  for (let again = true; again && !passes.isStopped; ) {
    const pass = new CountedPass(table, limits, (trace) => anew.judge(trace))
    yield* passes.read(new ReadingLog(), pass, anew)
    pass.finish()
    again = pass.isPostponed
  }
  return passes.isStopped ? conclude(judge, log, true, [inParts]) : conclude(anew, log, false, [])
})

interface Pass {
  readonly add: (span: Span, bytes: number) => void
}

/** Reads a source, once or several times, until its end or until it is told to stop. */
class Passes<E extends Error, R> {
  readonly #source: SpanSource<E, R>
  readonly #settings: SourceSettings
  #pass = 0
  #spans = 0
  isStopped = false

  constructor(source: SpanSource<E, R>, settings: SourceSettings) {
    this.#source = source
    this.#settings = settings
  }

  read(log: ReadingLog, pass: Pass, judge: RecordingJudge): Effect.Effect<void, E, R> {
    const { size } = this.#source
    const { stop = Effect.never, onProgress } = this.#settings
    const number = ++this.#pass
    let spans = 0
    const stopped = Effect.tap(stop, () =>
      Effect.sync(() => {
        this.isStopped = true
      }),
    )
    return this.#source.read(log).pipe(
      Stream.runForEach((batch) =>
        Effect.sync(() => {
          const bytes = batch.bytes / batch.spans.length
          for (const span of batch.spans) {
            judge.see(span)
            pass.add(span, bytes)
          }
          spans += batch.spans.length
          this.#spans += batch.spans.length
          onProgress?.({ pass: number, bytes: log.bytes, size, spans, spansOfAll: this.#spans })
        }),
      ),
      Effect.catch((error) => {
        if (this.#spans === 0) return Effect.fail(error)
        log.note(error.message)
        this.isStopped = true
        return Effect.void
      }),
      Effect.raceFirst(stopped),
    )
  }
}

const isNothing = (log: ReadingLog, { tally }: RecordingJudge): boolean =>
  log.documents === 0 || (tally.spans === 0 && log.rejectedSpans > 0)

const nothingRead = (name: string, log: ReadingLog): Effect.Effect<never, UnreadableSource> => {
  return Effect.fail(new UnreadableSource({ message: whyNothing(name, log) }))
}

const whyNothing = (name: string, { suspicion, firstProblem }: ReadingLog): string => {
  if (suspicion !== undefined) return `${name} ${suspicion}.`
  return firstProblem === undefined
    ? `${name} is empty: there is nothing to diagnose.`
    : `Nothing in ${name} could be read: ${firstProblem}.`
}

const givenUp = ({ lateSpans, lateTraces }: FirstPass): ReadonlyArray<string> => {
  if (lateSpans === 0) return []
  const [spans, traces] = [counted(lateSpans, "span"), counted(lateTraces, "trace")]
  return [
    `${spans} of ${traces} came long after the others and were given up; a file is read again instead.`,
  ]
}

const inParts = "Traces whose spans lie far apart were judged in parts."

const partial = "Reading was stopped before the end: this is what was found so far."

const conclude = (
  judge: RecordingJudge,
  log: ReadingLog,
  isPartial: boolean,
  notes: ReadonlyArray<string>,
): SourceDiagnosis => {
  const { tally } = judge
  return {
    traces: tally.traces,
    spans: tally.spans,
    skippedLines: log.skippedLines,
    exchangesJudged: tally.exchangesJudged,
    exchangesOpen: tally.exchangesOpen,
    notes: [
      ...(isPartial ? [partial] : []),
      ...tally.notes(),
      ...log.notes(),
      ...judge.notes(),
      ...notes,
    ],
    findings: tally.findings(),
    known: [],
    isPartial,
    kept: judge.kept?.traces ?? [],
    leftOut: judge.kept?.leftOut ?? 0,
    routes: judge.routes?.all ?? [],
  }
}
