import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { type Finding, groupKey } from "../../otel/lifetimes/finding.ts"
import { DueTraces } from "./due-traces.ts"
import { judgingOf, nextTurn } from "./judging.ts"
import { TraceStore } from "./trace-store.ts"

/** How often we check whether a trace has settled. */
const pause = "50 millis"

/** Senders choose names, so kinds of findings could go on for ever. */
const mostKinds = 1_000

/** The results of watching. */
interface WatchedFindings {
  /** How many traces were dropped before they could be judged. */
  readonly unjudged: Effect.Effect<number>
  /** The kinds of findings that were reported. */
  readonly kinds: Effect.Effect<ReadonlySet<string>>
}

/**
 * Judges each trace of the store again after it changed, and reports every kind of finding (rule,
 * service, route and operation) once. What has changed since is judged when the scope closes.
 */
export const watchFindings = Effect.fnUntraced(function* (
  report: (findings: ReadonlyArray<Finding>) => Effect.Effect<void>,
): Effect.fn.Return<WatchedFindings, never, TraceStore | Scope.Scope> {
  const store = yield* TraceStore
  const clock = yield* Clock.Clock
  const now = () => clock.currentTimeMillisUnsafe()
  const due = new DueTraces()
  const news = new FindingNews()
  let unjudged = 0

  const judge = Effect.fnUntraced(function* (traceId: string, isSettled: boolean) {
    if (isSettled) {
      const spans = yield* store.trace(traceId)
      if (spans.length === 0) unjudged += 1
      const { findings } = diagnose(spans)
      yield* store.judged(traceId, new Set(findings.map(groupKey)))
      news.add(findings)
    }
    return { again: undefined, isUntold: !isSettled }
  })
  const judging = judgingOf({ due, now, judge })

  const changes = yield* store.changes
  const take = Effect.sync(() => {
    for (const id of changes.take()) due.changed(id, now())
  })
  const tell = Effect.suspend(() => {
    const found = news.take()
    return found.length === 0 ? Effect.void : report(found)
  })
  const work = Effect.gen(function* () {
    if (due.size === 0) yield* changes.await
    yield* take
    const isMore = yield* judging.turn
    yield* tell
    yield* isMore ? nextTurn : Effect.sleep(pause)
  })

  yield* Effect.addFinalizer(() => take.pipe(Effect.andThen(judging.settle), Effect.andThen(tell)))
  yield* Effect.forkScoped(Effect.forever(work))
  return { unjudged: Effect.sync(() => unjudged), kinds: Effect.sync(() => news.told) }
})

/** The first findings of each kind, until they are reported. */
class FindingNews {
  readonly #told = new Set<string>()

  get told(): ReadonlySet<string> {
    return this.#told
  }

  #news = new Map<string, Finding>()

  add(findings: ReadonlyArray<Finding>): void {
    for (const finding of findings) {
      const kind = groupKey(finding)
      const known = this.#news.get(kind)
      if (known !== undefined) {
        this.#news.set(kind, { ...known, count: known.count + finding.count })
      } else if (!this.#told.has(kind) && this.#told.size < mostKinds) {
        this.#told.add(kind)
        this.#news.set(kind, finding)
      }
    }
  }

  take(): ReadonlyArray<Finding> {
    const news = [...this.#news.values()]
    this.#news = new Map()
    return news
  }
}
