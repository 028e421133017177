import { counted } from "../../../otel/lifetimes/counted.ts"
import { type DiagnoseOptions, defaultGrace } from "../../../otel/lifetimes/diagnose.ts"
import { judgeTrace } from "../../../otel/lifetimes/judge-trace.ts"
import { JudgedRoutes } from "../../../otel/lifetimes/judged-routes.ts"
import { ProgramEnds } from "../../../otel/lifetimes/program-ends.ts"
import type { Span } from "../../../otel/lifetimes/span.ts"
import { Tally } from "../../../otel/lifetimes/tally.ts"
import type { Micros } from "../../../otel/lifetimes/time.ts"
import { traceOf } from "../../../otel/lifetimes/trace.ts"
import type { HeldTrace } from "./held-trace.ts"
import { KeptTraces } from "./kept-traces.ts"

export interface JudgeSettings extends Pick<DiagnoseOptions, "grace" | "streamRoutes"> {
  /** Whether the most telling traces are kept for drawing; by default none is. */
  readonly keepTraces?: boolean
  /** Whether to list what each route could show; not by default. */
  readonly listRoutes?: boolean
}

/** The rules, the moment of their judgement and what they said. */
export class RecordingJudge {
  readonly tally = new Tally()
  readonly kept: KeptTraces | undefined
  readonly routes: JudgedRoutes | undefined
  readonly #settings: JudgeSettings
  readonly #fixed: boolean
  readonly #ends = new ProgramEnds()
  now: Micros
  cutSpans = 0
  cutTraces = 0

  /** Without a moment, the last one seen so far. */
  constructor(settings: JudgeSettings, now?: Micros) {
    this.#settings = settings
    this.kept = settings.keepTraces === true ? new KeptTraces() : undefined
    this.routes = settings.listRoutes === true ? new JudgedRoutes() : undefined
    this.#fixed = now !== undefined
    this.now = now ?? 0
  }

  see(span: Span): void {
    if (this.#fixed) return
    this.now = Math.max(this.now, span.endedAt)
    this.#ends.see(span)
  }

  judge({ spans, cut, kept }: HeldTrace): void {
    const { grace = defaultGrace, streamRoutes } = this.#settings
    const moment = { now: this.now, grace, final: true }
    const trace = traceOf(spans)
    const judged = judgeTrace(trace, moment, streamRoutes, this.#ends)
    this.tally.add(trace.size + cut, judged)
    this.kept?.add(trace, judged, kept)
    if (this.routes !== undefined) {
      for (const { exchange } of judged.exchanges) this.routes.add(exchange)
    }
    this.cutSpans += cut
    if (cut > 0) this.cutTraces += 1
  }

  notes(): ReadonlyArray<string> {
    if (this.cutSpans === 0) return []
    const traces = counted(this.cutTraces, "trace is", "traces are")
    return [`${traces} too large for memory: ${this.cutSpans} spans were left out.`]
  }
}
