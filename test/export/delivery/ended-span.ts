import { BasicTracerProvider, type ReadableSpan } from "@opentelemetry/sdk-trace-node"
import { ReservedIds } from "../../../otel/export/reserved-ids.ts"
import { spanId, traceId } from "../../lifetimes/spans.ts"

let made = 0

/** A span of the SDK that has ended, in the trace of this name. */
export const endedSpan = (trace: string, text = "", name = `span ${++made}`): ReadableSpan => {
  const ended: Array<ReadableSpan> = []
  const ids = new ReservedIds()
  const provider = new BasicTracerProvider({
    idGenerator: ids,
    spanProcessors: [
      {
        onStart: () => {},
        onEnd: (span) => void ended.push(span),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  })
  const reference = { traceId: traceId(trace), spanId: spanId(name) }
  const attributes = text === "" ? {} : { text }
  ids.with(reference, () => provider.getTracer("test").startSpan(name, { attributes })).end()
  const [span] = ended
  if (span === undefined) throw new Error("it has not ended")
  return span
}
