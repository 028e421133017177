import { randomUUID } from "node:crypto"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Match } from "../../otel/lifetimes/finding.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { fromNanos, type Micros } from "../../otel/lifetimes/time.ts"
import { DueTraces } from "../collector/due-traces.ts"
import { lettingGo } from "../collector/eviction-notice.ts"
import { judgingOf, nextTurn } from "../collector/judging.ts"
import { TraceStore } from "../collector/trace-store.ts"
import type {
  EventStream,
  ExchangeDetail,
  ExchangeId,
  FindingKind,
  PageUpdate,
  Snapshot,
} from "../page/snapshot.ts"
import { Bus } from "../server/bus.ts"
import type { EventInput } from "../server/frame.ts"
import { checklistOf } from "./checklist.ts"
import { intakeOf } from "./intake.ts"
import { WatchModel } from "./model.ts"
import type { News } from "./news.ts"
import { Newsroom } from "./newsroom.ts"
import { Runs } from "./runs.ts"

export interface WatchOptions {
  /** The command, or what else is shown. */
  readonly title: string
  /** Where spans are taken, as soon as that is known. */
  readonly otlp: () => string
  /** The process that the command has started; `undefined` where it has started none. */
  readonly started: (() => number | undefined) | undefined
  readonly directory: string
  /** An address with `{path}` and `{line}` in it that opens a place in the code. */
  readonly editor: string | undefined
  readonly grace: Micros
  readonly streamRoutes: ReadonlyArray<string>
  readonly knownReason: (match: Match) => string | undefined
  readonly isRunning: (pid: number) => boolean
  /** What programs of this machine have as `host.id`. */
  readonly host: string
  /** Takes every batch of spans as it came. */
  readonly received: (spans: ReadonlyArray<Span>) => void
  readonly tell: (news: ReadonlyArray<News>) => Effect.Effect<void>
  /** Event streams that the page itself connects to. */
  readonly streams?: () => ReadonlyArray<EventStream>
  /** Where Jaeger's pages are, once it has the traces. */
  readonly jaeger?: () => string | undefined
  /** What else cannot be shown, in sentences. */
  readonly notes: Effect.Effect<ReadonlyArray<string>>
}

/** A trace that changes is shown so soon, in milliseconds. */
const shownAfter = 50
/** How often it is looked whether there is work, and whether programs are there. */
const pause = "50 millis"
const goneEvery = 1_000
/** The page is told at most this often. */
const updateEvery = 200
/** What depends on many exchanges is worked out at most this often. */
const countEvery = 1_000

/** The program that `watch` shows, as its spans tell of it. */
export class WatchedProgram extends Context.Service<
  WatchedProgram,
  {
    readonly snapshot: Effect.Effect<Snapshot>
    /** One exchange whole; `undefined` where its spans are not kept. */
    readonly detail: (id: ExchangeId) => Effect.Effect<ExchangeDetail | undefined>
    /** An exchange of a trace that is kept, one with a finding first. */
    readonly exchangeOf: (traceId: string) => Effect.Effect<ExchangeId | undefined>
    /** Keeps spans that were read elsewhere: they say nothing of which programs run. */
    readonly add: (spans: ReadonlyArray<Span>) => Effect.Effect<void>
    /** Judges what has come until now, and tells what is news. */
    readonly settle: Effect.Effect<void>
    readonly findings: Effect.Effect<ReadonlyArray<FindingKind>>
  }
>()("scopeline/watch/WatchedProgram") {
  /** Watches what comes to the store that it gives, and tells the `Bus` what changes on the page. */
  static readonly layer = (
    options: WatchOptions,
  ): Layer.Layer<WatchedProgram | TraceStore, never, TraceStore | Bus> =>
    Layer.effectContext(watch(options))
}

const watch = Effect.fnUntraced(function* (options: WatchOptions) {
  const store = yield* TraceStore
  const bus = yield* Bus
  const clock = yield* Clock.Clock
  const now = () => fromNanos(clock.currentTimeNanosUnsafe())
  const millis = () => now() / 1_000
  const runs = new Runs(options)
  const model = new WatchModel({ ...options, runs })
  const due = new DueTraces(shownAfter)
  const newsroom = new Newsroom(model)
  const server = randomUUID()
  const beganAt = millis()
  const changes = yield* store.changes
  let rev = 0
  let hasSpans = false
  let isHeldNews = true
  let shownFindings = ""
  let shownRest = ""
  let goneAt = 0
  let updatedAt = 0
  let countedAt = 0

  const intake = intakeOf(store, {
    received: (spans) => {
      hasSpans ||= spans.length > 0
      const at = now()
      for (const resource of new Set(spans.map(({ resource }) => resource)))
        runs.heard(resource, at)
      options.received(spans)
    },
    looked: (span) => {
      isHeldNews = true
      model.looked(span, now())
    },
  })

  const judge = Effect.fnUntraced(function* (traceId: string, isSettled: boolean) {
    const { again, isUntold } = model.judge(yield* store.trace(traceId), isSettled, now())
    if (isSettled) yield* store.judged(traceId, model.kinds.ofTrace(traceId))
    return { again: again === undefined ? undefined : again / 1_000 + 1, isUntold }
  })
  const judging = judgingOf({ due, now: millis, judge })

  const look = () => {
    for (const traceId of changes.take()) due.changed(traceId, millis())
    model.countJudged(now())
    if (millis() - goneAt < goneEvery) return
    goneAt = millis()
    const { gone, traceIds } = model.takeGone(now())
    for (const traceId of traceIds) due.changed(traceId, millis())
    isHeldNews ||= gone.length > 0
    newsroom.silent(gone, now())
  }

  const steps = () =>
    checklistOf({
      forMillis: millis() - beganAt,
      otlp: options.otlp(),
      pid: runs.all.at(-1)?.pid ?? options.started?.(),
      hasSpans,
      hasExchange: model.firstExchange !== undefined,
      hasLayer: model.hasLayer,
      isOwn: options.started !== undefined,
    })

  const notes = Effect.gen(function* () {
    const counts = yield* store.counts
    return [
      ...model.notes(),
      ...(counts.evictedSpans === 0 ? [] : [`${lettingGo(counts)}.`]),
      ...(yield* options.notes),
    ]
  })

  const jaeger = () => {
    const address = options.jaeger?.()
    return address === undefined ? {} : { jaeger: address }
  }

  const counts = () => {
    const { open, ended, letGo } = model.list.counts
    return { open, ended, judged: model.judged.count, letGo, lostSpans: model.lostSpans }
  }

  const update = Effect.fnUntraced(function* () {
    const { put, gone } = model.list.takeChanges()
    const changed = model.takeChangedDetails().filter((id) => model.list.row(id) !== undefined)
    const isCounted = millis() - countedAt >= countEvery
    const isFindingNews = model.kinds.takeChanged() || isCounted
    if (isCounted) countedAt = millis()
    const findings = isFindingNews ? model.findings() : undefined
    const findingsText = findings === undefined ? shownFindings : JSON.stringify(findings)
    const isNewFindings = findingsText !== shownFindings
    shownFindings = findingsText
    const common = {
      server,
      steps: steps(),
      runs: runs.all,
      counts: counts(),
      notes: yield* notes,
      ...jaeger(),
    }
    const restText = JSON.stringify(common)
    const isRestNews = restText !== shownRest
    shownRest = restText
    newsroom.runs(now())
    if (findings !== undefined) newsroom.judged(findings, now())
    const held = isHeldNews ? model.held.takeChanged() : undefined
    isHeldNews = false
    if (held !== undefined) newsroom.held(held, now())
    yield* options.tell(newsroom.take())
    if (
      !isNewFindings &&
      held === undefined &&
      !isRestNews &&
      put.length + gone.length + changed.length === 0
    )
      return
    rev += 1
    const properties: PageUpdate = {
      ...common,
      rev,
      now: now(),
      put,
      gone,
      changed,
      ...(isNewFindings && findings !== undefined ? { findings } : {}),
      ...(held === undefined ? {} : { held, heldRest: model.held.rest }),
    }
    yield* bus.publish({ type: "page.update", properties: asJson(properties) })
  })

  const work = Effect.gen(function* () {
    while (true) {
      look()
      const isMore = yield* judging.turn
      if (millis() - updatedAt >= updateEvery) {
        updatedAt = millis()
        yield* update()
      }
      yield* isMore ? nextTurn : Effect.sleep(pause)
    }
  })
  yield* Effect.forkScoped(work)

  const settle = Effect.gen(function* () {
    goneAt = 0
    look()
    yield* judging.settle
    model.countJudged(Number.POSITIVE_INFINITY)
    countedAt = 0
    yield* update()
  })

  const snapshot = Effect.gen(function* () {
    return {
      server,
      rev,
      now: now(),
      title: options.title,
      otlp: options.otlp(),
      directory: options.directory,
      ...(options.editor === undefined ? {} : { editor: options.editor }),
      ...(options.streams === undefined ? {} : { streams: options.streams() }),
      ...jaeger(),
      steps: steps(),
      rows: model.list.rows,
      findings: model.findings(),
      held: model.held.all,
      heldRest: model.held.rest,
      runs: runs.all,
      counts: counts(),
      notes: yield* notes,
    }
  })

  const detail = (id: ExchangeId) =>
    Effect.map(store.trace(id.split(".")[0] ?? ""), (spans) => model.detail(spans, id, now()))

  const exchangeOf = Effect.fnUntraced(function* (traceId: string) {
    look()
    yield* judging.judgeOne(traceId, due.isSettled(traceId, millis()))
    return model.exchangeOf(yield* store.trace(traceId), now())
  })

  return Context.make(TraceStore, intake).pipe(
    Context.add(WatchedProgram, {
      snapshot,
      detail,
      exchangeOf,
      add: (spans) => store.add(spans),
      settle,
      findings: Effect.sync(() => model.findings()),
    }),
  )
})

const asJson = (update: PageUpdate): EventInput["properties"] => JSON.parse(JSON.stringify(update))
