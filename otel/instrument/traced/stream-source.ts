import * as Stream from "effect/Stream"
import type { BodySource, ExchangeRecord, StreamRunRecord } from "../records/record.ts"

/** What an observed stream runs. */
export class StreamSource<A, E, R> implements BodySource {
  stream: Stream.Stream<A, E, R>
  bodyOf: ExchangeRecord | undefined
  latest: StreamRunRecord | undefined = undefined

  constructor(stream: Stream.Stream<A, E, R>, bodyOf: ExchangeRecord | undefined) {
    this.stream = stream
    this.bodyOf = bodyOf
  }

  letGo(): void {
    if (this.latest?.endedAt === undefined) return
    this.stream = Stream.empty
    this.bodyOf = undefined
    this.latest = undefined
  }
}
