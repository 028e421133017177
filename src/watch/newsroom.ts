import type { Micros } from "../../otel/lifetimes/time.ts"
import type { FindingKind, HeldPlace, KindState } from "../page/snapshot.ts"
import type { WatchModel } from "./model.ts"
import type { News } from "./news.ts"
import type { Instance } from "./runs.ts"

/** Finds out what is news, and keeps it until it is reported. */
export class Newsroom {
  readonly #model: WatchModel
  readonly #kinds = new ToldKinds()
  /** The latest run of each service that is listed. */
  #runs = new Map<string, number>()
  /** Places that are known to grow. */
  readonly #growing = new Set<string>()
  #news: Array<News> = []
  #hasExchange = false

  constructor(model: WatchModel) {
    this.#model = model
  }

  /** News that has not been reported yet. */
  take(): ReadonlyArray<News> {
    const news = this.#news
    this.#news = []
    return news
  }

  judged(findings: ReadonlyArray<FindingKind>, at: Micros): void {
    this.#news.push(...this.#kinds.take(findings, at))
  }

  held(places: ReadonlyArray<HeldPlace>, at: Micros): void {
    for (const place of places) {
      const key = JSON.stringify([place.kind, place.name, place.place])
      if (!place.grew) this.#growing.delete(key)
      else if (!this.#growing.has(key)) {
        this.#growing.add(key)
        this.#news.push({ news: "held", at, place })
      }
    }
  }

  silent(gone: ReadonlyArray<Instance>, at: Micros): void {
    for (const { service, lastHeardAt, hasEnded } of gone) {
      if (!hasEnded) this.#news.push({ news: "silent", at, service, lastHeardAt })
    }
  }

  /** The first exchange, and all runs except the first of each service. */
  runs(at: Micros): void {
    const first = this.#model.firstExchange
    if (!this.#hasExchange && first !== undefined) {
      this.#hasExchange = true
      const { service, route } = first
      this.#news.push({ news: "exchange", at, service, route, hasLayer: this.#model.hasLayer })
    }
    const known = this.#runs
    this.#runs = new Map()
    for (const run of this.#model.runs.all) {
      this.#runs.set(run.service, run.number)
      if (run.number <= (known.get(run.service) ?? 0)) continue
      // Besides the program's own Layer, `register` is a separate service, about which there is nothing to
      // report.
      if (run.number > 1 && this.#model.hasServed(run.service))
        this.#news.push({ news: "run", at, run })
    }
  }
}

const newsOf = {
  found: "finding",
  withdrawn: "withdrawn",
  gone: "gone",
  "still there": "still there",
  back: "back",
} as const satisfies Partial<Record<KindState, News["news"]>>

/** Finds out what is news about kinds of findings. */
class ToldKinds {
  readonly #states = new Map<string, KindState>()

  take(findings: ReadonlyArray<FindingKind>, at: Micros): ReadonlyArray<News> {
    return findings.flatMap((finding) => {
      const { id, state } = finding
      if (this.#states.get(id) === state) return []
      this.#states.set(id, state)
      return state === "not judged yet" ? [] : [{ news: newsOf[state], at, finding }]
    })
  }
}
