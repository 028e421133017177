import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Match } from "../../otel/lifetimes/finding.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { fromNanos, type Micros } from "../../otel/lifetimes/time.ts"
import { DueTraces } from "../collector/due-traces.ts"
import { droppedText } from "../collector/eviction-notice.ts"
import { judgingOf, nextTurn } from "../collector/judging.ts"
import { TraceStore } from "../collector/trace-store.ts"
import type {
  ExchangeDetail,
  ExchangeId,
  FindingKind,
  PageUpdate,
  Snapshot,
} from "../page/snapshot.ts"
import { Bus } from "../server/bus.ts"
import type { EventInput } from "../server/frame.ts"
import { intakeOf } from "./intake.ts"
import { WatchModel } from "./model.ts"
import type { News } from "./news.ts"
import { Newsroom } from "./newsroom.ts"
import { Runs } from "./runs.ts"
import { type PageOptions, WatchedPage } from "./watched-page.ts"

export interface WatchOptions extends PageOptions {
  readonly grace: Micros
  readonly streamRoutes: ReadonlyArray<string>
  readonly knownReason: (match: Match) => string | undefined
  readonly isRunning: (pid: number) => boolean
  /** What programs of this machine have as `host.id`. */
  readonly host: string
  /** Takes every batch of spans as it came. */
  readonly received: (spans: ReadonlyArray<Span>) => void
  readonly tell: (news: ReadonlyArray<News>) => Effect.Effect<void>
  /** What else cannot be shown, in sentences. */
  readonly notes: Effect.Effect<ReadonlyArray<string>>
}

/** A changed trace is shown after this time, in milliseconds. */
const shownAfter = 50
/** How often we check whether there is work, and whether programs are there. */
const pause = "50 millis"
const goneEvery = 1_000
/** The page gets updates at most this often. */
const updateEvery = 200

/** The program that `watch` shows, as its spans describe it. */
export class WatchedProgram extends Context.Service<
  WatchedProgram,
  {
    readonly snapshot: Effect.Effect<Snapshot>
    /** One exchange with all its details; `undefined` if its spans are not kept. */
    readonly detail: (id: ExchangeId) => Effect.Effect<ExchangeDetail | undefined>
    /** An exchange of a kept trace, preferably one with a finding. */
    readonly exchangeOf: (traceId: string) => Effect.Effect<ExchangeId | undefined>
    /** Keeps spans that were read elsewhere: they say nothing about which programs run. */
    readonly add: (spans: ReadonlyArray<Span>) => Effect.Effect<void>
    /** Judges what has come so far, and reports what is news. */
    readonly settle: Effect.Effect<void>
    readonly findings: Effect.Effect<ReadonlyArray<FindingKind>>
  }
>()("scopeline/watch/WatchedProgram") {
  /** Watches what comes to the store that it provides, and tells the `Bus` what changes on the page. */
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
  const page = new WatchedPage(options, model, now())
  const changes = yield* store.changes
  let goneAt = 0
  let updatedAt = 0

  const intake = intakeOf(store, {
    received: (spans) => {
      if (spans.length > 0) page.received()
      const at = now()
      for (const resource of new Set(spans.map(({ resource }) => resource)))
        runs.heard(resource, at)
      options.received(spans)
    },
    looked: (span) => {
      page.heldChanged()
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
    if (gone.length > 0) page.heldChanged()
    newsroom.silent(gone, now())
  }

  const notes = Effect.gen(function* () {
    const counts = yield* store.counts
    return [
      ...model.notes(),
      ...(counts.evictedSpans === 0 ? [] : [`${droppedText(counts)}.`]),
      ...(yield* options.notes),
    ]
  })

  const update = Effect.gen(function* () {
    const { update, findings, held } = page.takeChanges(now(), yield* notes)
    newsroom.runs(now())
    if (findings !== undefined) newsroom.judged(findings, now())
    if (held !== undefined) newsroom.held(held, now())
    yield* options.tell(newsroom.take())
    if (update !== undefined) {
      yield* bus.publish({ type: "page.update", properties: asJson(update) })
    }
  })

  const work = Effect.gen(function* () {
    while (true) {
      look()
      const isMore = yield* judging.turn
      if (millis() - updatedAt >= updateEvery) {
        updatedAt = millis()
        yield* update
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
    page.countNext()
    yield* update
  })

  const snapshot = Effect.map(notes, (sentences) => page.snapshot(now(), sentences))

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
