import { counted, plural } from "../../../otel/lifetimes/counted.ts"
import { droppedText } from "../../collector/eviction-notice.ts"
import type { Unwritten } from "../../collector/recorder.ts"
import type { TraceStoreCounts } from "../../collector/stored-traces.ts"

/** What a collector has counted. */
export interface CollectCounts extends TraceStoreCounts {
  /** Traces that were dropped before they could be judged. */
  readonly unjudged: number
  /** Requests that were refused because too much was being sent at once. */
  readonly refused: number
  readonly unwritten: Unwritten
}

export const startLine = (url: string, file: string | undefined): string => {
  const recording = file === undefined ? "" : `, recording to ${file}`
  return (
    `Listening on ${url} for OTLP/HTTP (JSON and protobuf)${recording}. ` +
    `Start your program with OTEL_EXPORTER_OTLP_ENDPOINT=${url}.`
  )
}

/** What became of what was received, if it is not what one expects. */
export const endLines = (counts: CollectCounts): ReadonlyArray<string> => {
  const { traces, spans, evictedTraces, evictedSpans, unjudged, refused, unwritten } = counts
  const received = `Received ${counted(spans + evictedSpans, "span")} in ${counted(traces + evictedTraces, "trace")}.`
  return [
    ...(spans + evictedSpans === 0 ? [nothingReceived] : []),
    ...(evictedSpans === 0 ? [] : [received, `${droppedText(counts)}.`]),
    ...(unjudged === 0
      ? []
      : [
          `${counted(unjudged, "trace")} ${plural(unjudged, "was", "were")} not judged: they came too fast.`,
        ]),
    ...(refused === 0
      ? []
      : [
          `${counted(refused, "request")} ${plural(refused, "was", "were")} refused, because too much was being sent at once.`,
        ]),
    ...(unwritten.spans === 0
      ? []
      : [`${counted(unwritten.spans, "span")} could not be written: ${unwritten.reason}.`]),
  ]
}

const nothingReceived =
  "Received no spans. Does the program send them here (OTEL_EXPORTER_OTLP_ENDPOINT), with the Layer around all " +
  "of it, or started with node --import scopeline/register?"
