import * as Stream from "effect/Stream"
import type { TraceStore } from "../../collector/trace-store.ts"
import type { SpanSource } from "../../recordings/source.ts"

/** About what a span takes as JSON. */
const spanSize = 500

/** What a store holds, as a recording. */
export const storeSource = (store: TraceStore["Service"]): SpanSource => ({
  name: "what was received",
  size: undefined,
  repeatable: true,
  read: (log) =>
    Stream.fromIterableEffect(store.traces).pipe(
      Stream.mapEffect((traceId) => store.trace(traceId)),
      Stream.map((spans) => {
        log.documents += 1
        return { spans, bytes: spans.length * spanSize }
      }),
    ),
})
