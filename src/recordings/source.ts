import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { Span } from "../../otel/lifetimes/span.ts"
import type { ReadingLog } from "./reading-log.ts"

/** Some spans of a source, and their size as written. */
export interface Batch {
  readonly spans: ReadonlyArray<Span>
  readonly bytes: number
}

/** Where spans are read from: a file, standard input, Jaeger. */
export interface SpanSource<E = never, R = never> {
  /** As the user calls it. */
  readonly name: string
  /** In bytes, if it is known. */
  readonly size: number | undefined
  /** True if it can be read again from the start. */
  readonly repeatable: boolean
  readonly read: (log: ReadingLog) => Stream.Stream<Batch, E, R>
}

/** Nothing could be read; the message names the source and says what to do. */
export class UnreadableSource extends Schema.TaggedError<UnreadableSource>()("UnreadableSource", {
  message: Schema.String,
}) {}
