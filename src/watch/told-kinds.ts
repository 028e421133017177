import type { Micros } from "../../otel/lifetimes/time.ts"
import type { FindingKind, KindState } from "../page/snapshot.ts"
import type { News } from "./news.ts"

const newsOf = {
  found: "finding",
  withdrawn: "withdrawn",
  gone: "gone",
  "still there": "still there",
} as const satisfies Partial<Record<KindState, News["news"]>>

/** Finds out what is news about kinds of findings. */
export class ToldKinds {
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
