/**
 * What a page shows, live or frozen: what its server sends as JSON, and what a saved file holds. The code of
 * the page draws only from this. Times are microseconds since 1970. Texts are plain: whoever draws them escapes
 * them.
 */
import type { Confidence, Evidence, Severity } from "../../otel/lifetimes/finding.ts"
import type { CodeLocation } from "../../otel/lifetimes/model.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import type { Micros } from "../../otel/lifetimes/time.ts"
import type { Layout } from "../../otel/timeline/layout.ts"

/** Names an exchange on the page and in its address: the ids of its trace and of its span, as `TRACE.SPAN`. */
export type ExchangeId = `${string}.${string}`

/** `last heard`: it was open when its program was heard of for the last time. */
export type RowState = "open" | "last heard" | "ended"

/** One exchange, as one row of the list. */
export interface ExchangeRow {
  readonly id: ExchangeId
  /** The run of its program; see `Run`. */
  readonly run: number
  readonly service: string
  readonly route: string
  readonly startedAt: Micros
  readonly endedAt?: Micros
  /** When its program was heard of for the last time, where the state is `last heard`. */
  readonly lastHeardAt?: Micros
  readonly state: RowState
  readonly status?: number
  readonly isStream: boolean
  /** What its streams carried. */
  readonly events?: number
  readonly endedBy?: "client" | "server" | "shutdown"
  /** Ids of the kinds of findings about it, the deepest rule first. */
  readonly kinds: ReadonlyArray<string>
  /** The text that the search reads: names and ids in lower case, of bounded length. */
  readonly words: string
  /** The same for the attributes of its server span, no matter who made them. */
  readonly attributes?: string
}

/** What was gone in a run, and was found again, is back in that run. */
export type KindState = "found" | "withdrawn" | "gone" | "still there" | "back" | "not judged yet"

/** All findings of one rule, service, route and operation. */
export interface FindingKind {
  /** Equal for the same kind in every run and on every machine. */
  readonly id: string
  readonly rule: string
  readonly severity: Severity
  readonly confidence: Confidence
  /** The sentence of the latest example. */
  readonly message: string
  readonly service: string
  readonly route: string
  readonly operation: string
  readonly place?: CodeLocation
  readonly evidence: Evidence
  /** How to fix it: Markdown, as in the catalogue of rules. */
  readonly suggestion: string
  readonly count: number
  readonly firstAt: Micros
  readonly lastAt: Micros
  /** The latest run that had it. */
  readonly run: number
  /** The latest first, five at most. */
  readonly examples: ReadonlyArray<ExchangeId>
  readonly state: KindState
  /** Why it was withdrawn: the rule that explains it. */
  readonly explainedBy?: string
  /** How many exchanges of its route were judged in the latest run. */
  readonly judgedSince?: number
  /** What else there is to say about it. */
  readonly note?: string
  /** The reason for which it is a known one. */
  readonly known?: string
}

/** What the program holds open now, of one kind and opened at one place, by its own count. */
export interface HeldPlace {
  readonly kind: string
  readonly name?: string
  readonly place?: CodeLocation
  readonly count: number
  readonly oldestAt: Micros
  /** How many more than a minute ago. */
  readonly inLastMinute: number
  /** Each of the last five reports found more than the one before it. */
  readonly grew: boolean
}

/** A program from its start to its end. Programs of one service are numbered from 1. */
export interface Run {
  readonly number: number
  /** What a command calls it: `before`, `after`. */
  readonly name?: string
  readonly service: string
  readonly pid?: number
  readonly beganAt: Micros
  readonly endedAt?: Micros
  /** How it ended, if that is known: `exit code 1`, `SIGKILL`. */
  readonly exit?: string
}

/** One line of the checklist of a page that is empty. */
export interface Step {
  readonly text: string
  readonly done: boolean
  /** What is likely to be missing. */
  readonly hint?: string
}

export interface PageCounts {
  readonly open: number
  /** Those that were open when their program, which is gone, was last heard of. */
  readonly lastHeard: number
  readonly ended: number
  readonly judged: number
  /** Ended exchanges that are not listed any more. */
  readonly letGo: number
  /** Spans that the program or its exporter lost. */
  readonly lostSpans: number
}

export interface Outcome {
  readonly kind: "good" | "warning" | "error" | "unknown"
  readonly text: string
}

/** Exchanges that a file shows beside each other. */
export interface Drawing {
  readonly heading?: string
  readonly panels: ReadonlyArray<{
    readonly title: string
    readonly note?: string
    readonly id: ExchangeId
  }>
  /** They stand for the same thing: what differs between them is marked. */
  readonly compared: boolean
}

/** An event stream, and where its events are published. */
export interface EventStream {
  readonly name: string
  readonly url: string
}

/** All that is shown at one moment. */
export interface Snapshot {
  /** Distinguishes this process of `watch` from others. */
  readonly server: string
  /** Grows by one with each update. */
  readonly rev: number
  readonly now: Micros
  /** The command, or the recording. */
  readonly title: string
  /** Where spans are taken. */
  readonly otlp?: string
  /** The folder in which the program was started: paths below it are shown from there. */
  readonly directory?: string
  /** Event streams that the page itself connects to, side by side. */
  readonly streams?: ReadonlyArray<EventStream>
  /** Where Jaeger's pages are, once it has the traces. */
  readonly jaeger?: string
  /** How a place in the code is opened: an address with `{path}` and `{line}` in it. */
  readonly editor?: string
  /** Whether something was found, in a few words. */
  readonly outcome?: Outcome
  /** What the command says about all of it, in sentences: a recording was compared, a probe was made. */
  readonly verdict?: ReadonlyArray<string>
  /** What a file shows first; without it, an example of each kind of finding. */
  readonly drawings?: ReadonlyArray<Drawing>
  /** What made the page, by name: versions and the command line. */
  readonly environment?: ReadonlyArray<readonly [name: string, value: string]>
  readonly steps: ReadonlyArray<Step>
  /** The latest first. */
  readonly rows: ReadonlyArray<ExchangeRow>
  /** Errors first, then the latest. */
  readonly findings: ReadonlyArray<FindingKind>
  /** The most first. */
  readonly held: ReadonlyArray<HeldPlace>
  /** How many more are held, at places that are not listed. */
  readonly heldRest: number
  readonly runs: ReadonlyArray<Run>
  readonly counts: PageCounts
  /** What was dropped or could not be judged, in sentences. */
  readonly notes: ReadonlyArray<string>
}

/** What changed. A hole in `rev`, or another `server`, means: ask for the snapshot again. */
export interface PageUpdate
  extends Pick<
    Snapshot,
    "server" | "rev" | "now" | "steps" | "runs" | "counts" | "notes" | "jaeger"
  > {
  /** New rows, and rows that changed. */
  readonly put: ReadonlyArray<ExchangeRow>
  /** Ids of rows that are not listed any more. */
  readonly gone: ReadonlyArray<ExchangeId>
  /** All of them, if one changed. */
  readonly findings?: ReadonlyArray<FindingKind>
  /** All of them, if one changed. */
  readonly held?: ReadonlyArray<HeldPlace>
  readonly heldRest?: number
  /** Exchanges whose details changed: a page that shows one asks for it again. */
  readonly changed: ReadonlyArray<ExchangeId>
}

/** One exchange whole. */
export interface ExchangeDetail {
  readonly id: ExchangeId
  readonly layout: Layout
  /** Ids of the kinds of findings about it, in the order of `layout.findings`. */
  readonly kinds: ReadonlyArray<string>
  readonly spans: ReadonlyArray<Span>
}
