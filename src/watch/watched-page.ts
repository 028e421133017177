import { randomUUID } from "node:crypto"
import type { Micros } from "../../otel/lifetimes/time.ts"
import type { EventStream, FindingKind, HeldPlace, PageUpdate, Snapshot } from "../page/snapshot.ts"
import { checklistOf } from "./checklist.ts"
import type { WatchModel } from "./model.ts"

/** What the page shows besides what the spans say. */
export interface PageOptions {
  /** The command, or what else is shown. */
  readonly title: string
  /** Where spans are received, as soon as that is known. */
  readonly otlp: () => string
  /** The process that the command has started; `undefined` if it has started none. */
  readonly started: (() => number | undefined) | undefined
  readonly directory: string
  /** An address with `{path}` and `{line}` in it that opens a place in the code. */
  readonly editor: string | undefined
  /** Event streams that the page itself connects to. */
  readonly streams?: () => ReadonlyArray<EventStream>
  /** Where Jaeger's pages are, once it has the traces. */
  readonly jaeger?: () => string | undefined
}

/** What changed; `update` is `undefined` if the page would look the same. */
interface PageChanges {
  readonly update: PageUpdate | undefined
  readonly findings: ReadonlyArray<FindingKind> | undefined
  readonly held: ReadonlyArray<HeldPlace> | undefined
}

/** What depends on many exchanges is computed at most this often. */
const countEvery: Micros = 1_000_000

/** What the page shows, and what of it changed since the last report. */
export class WatchedPage {
  readonly #options: PageOptions
  readonly #model: WatchModel
  readonly #server = randomUUID()
  readonly #beganAt: Micros
  #rev = 0
  #hasSpans = false
  #isHeldNews = true
  #shownFindings = ""
  #shownRest = ""
  #countedAt: Micros = 0

  constructor(options: PageOptions, model: WatchModel, now: Micros) {
    this.#options = options
    this.#model = model
    this.#beganAt = now
  }

  /** Spans have come. */
  received(): void {
    this.#hasSpans = true
  }

  /** A program reported what it holds, or is gone. */
  heldChanged(): void {
    this.#isHeldNews = true
  }

  /** What depends on many exchanges is computed the next time. */
  countNext(): void {
    this.#countedAt = 0
  }

  snapshot(now: Micros, notes: ReadonlyArray<string>): Snapshot {
    const { title, otlp, directory, editor, streams } = this.#options
    const { list, held } = this.#model
    return {
      ...this.#rest(now, notes),
      rev: this.#rev,
      now,
      title,
      otlp: otlp(),
      directory,
      ...(editor === undefined ? {} : { editor }),
      ...(streams === undefined ? {} : { streams: streams() }),
      rows: list.rows,
      findings: this.#model.findings(),
      held: held.all,
      heldRest: held.rest,
    }
  }

  takeChanges(now: Micros, notes: ReadonlyArray<string>): PageChanges {
    const { list, held: places } = this.#model
    const { put, gone } = list.takeChanges()
    const changed = this.#model.takeChangedDetails().filter((id) => list.row(id) !== undefined)
    const { findings, isNew } = this.#takeFindings(now)
    const rest = this.#rest(now, notes)
    const restText = JSON.stringify(rest)
    const held = this.#isHeldNews ? places.takeChanged() : undefined
    this.#isHeldNews = false
    const isSame =
      !isNew &&
      held === undefined &&
      restText === this.#shownRest &&
      put.length + gone.length + changed.length === 0
    this.#shownRest = restText
    if (isSame) return { update: undefined, findings, held }
    this.#rev += 1
    const update: PageUpdate = {
      ...rest,
      rev: this.#rev,
      now,
      put,
      gone,
      changed,
      ...(isNew && findings !== undefined ? { findings } : {}),
      ...(held === undefined ? {} : { held, heldRest: places.rest }),
    }
    return { update, findings, held }
  }

  /** All of them if one may have changed, and whether one did. */
  #takeFindings(now: Micros) {
    const isCounted = now - this.#countedAt >= countEvery
    if (isCounted) this.#countedAt = now
    const hasChanged = this.#model.kinds.takeChanged()
    if (!hasChanged && !isCounted) return { findings: undefined, isNew: false }
    const findings = this.#model.findings()
    const text = JSON.stringify(findings)
    const isNew = text !== this.#shownFindings
    this.#shownFindings = text
    return { findings, isNew }
  }

  /** What is sent whole each time. */
  #rest(now: Micros, notes: ReadonlyArray<string>) {
    const { otlp, started, jaeger } = this.#options
    const { list, runs, judged, lostSpans, firstExchange, hasLayer } = this.#model
    const { open, lastHeard, ended, letGo } = list.counts
    const address = jaeger?.()
    return {
      server: this.#server,
      steps: checklistOf({
        forMillis: (now - this.#beganAt) / 1_000,
        otlp: otlp(),
        pid: runs.all.at(-1)?.pid ?? started?.(),
        isGone: runs.all.length > 0 && runs.all.every(({ endedAt }) => endedAt !== undefined),
        hasSpans: this.#hasSpans,
        hasExchange: firstExchange !== undefined,
        hasLayer,
        isOwn: started !== undefined,
      }),
      runs: runs.all,
      counts: { open, lastHeard, ended, judged: judged.count, letGo, lostSpans },
      notes,
      ...(address === undefined ? {} : { jaeger: address }),
    }
  }
}
