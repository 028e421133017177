import type { ExchangeRecord } from "../instrument/records/record.ts"
import { RecentMap } from "./recent-map.ts"
import type { Sampling } from "./sampling.ts"

/** How many traces are remembered that are not sampled as their ids say. */
const remembered = 4_096

/** Whether a trace is sampled: by its id, unless an exchange of it was sampled by its parent or its program. */
export class SampledTraces {
  readonly #sampling: Sampling
  #asked = ""
  readonly #idAsked = () => this.#asked
  readonly #otherwise = new RecentMap<boolean>(remembered)

  constructor(sampling: Sampling) {
    this.#sampling = sampling
  }

  begun({ span: { traceId }, sampled }: Pick<ExchangeRecord, "span" | "sampled">): void {
    if (sampled !== this.#byId(traceId)) this.#otherwise.set(traceId, sampled)
  }

  readonly has = (traceId: string): boolean => this.#otherwise.get(traceId) ?? this.#byId(traceId)

  /** Asked of each exchange: the function that gives the id is made once. */
  #byId(traceId: string): boolean {
    this.#asked = traceId
    return this.#sampling(undefined, this.#idAsked)
  }
}
