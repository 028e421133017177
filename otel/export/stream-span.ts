import {
  EXCEPTION_MESSAGE,
  EXCEPTION_TYPE,
  EXIT,
  FAILURE_DEFECT,
  FIBER_ID,
  FINDING,
  FINDING_EVENT,
  LIFETIME_KIND,
  PUBSUB_NAME,
  STREAM_CUT_OFF,
  STREAM_END,
  STREAM_ENDED_BY,
  STREAM_EVENTS,
  STREAM_FIRST_EVENT,
  STREAM_NAME,
  STREAM_READS,
  STREAM_REFUSED,
  SUBSCRIPTION_OWNER,
  SUBSCRIPTION_SPAN_ID,
  SUBSCRIPTION_TRACE_ID,
  spanName,
} from "../attributes.ts"
import type { StreamRunRecord } from "../instrument/records/record.ts"
import { findingAttributes } from "../lifetimes/recorded.ts"
import { eventAt, type Form } from "./span-form.ts"

/** The span form of one run of a stream. */
export const streamForm = (stream: StreamRunRecord): Form => {
  const match = stream.exchange?.matches.find((it) => it.stream === stream.span.spanId)
  return {
    name: spanName.stream(stream.name),
    attributes: {
      [LIFETIME_KIND]: "stream",
      [STREAM_NAME]: stream.name,
      [FIBER_ID]: stream.fiber,
      [STREAM_EVENTS]: stream.events,
      [STREAM_READS]: stream.reads,
      [STREAM_ENDED_BY]: stream.endedBy,
      [FINDING]: match?.rule,
    },
    events: [
      ...eventAt(STREAM_FIRST_EVENT, stream.firstEventAt),
      ...eventAt(STREAM_REFUSED, stream.refused?.at, {
        [SUBSCRIPTION_SPAN_ID]: stream.refused?.subscription,
      }),
      ...eventAt(STREAM_CUT_OFF, stream.cutOff?.at, { [FIBER_ID]: stream.cutOff?.by }),
      ...eventAt(STREAM_END, stream.endedAt, {
        [EXIT]: stream.exit,
        [STREAM_ENDED_BY]: stream.endedBy,
        [SUBSCRIPTION_SPAN_ID]: stream.endedBySubscription,
        [SUBSCRIPTION_TRACE_ID]: stream.endedByForeign?.subscription.traceId,
        [PUBSUB_NAME]: stream.endedByForeign?.name,
        [SUBSCRIPTION_OWNER]: stream.endedByForeign?.owner,
        [EXCEPTION_TYPE]: stream.failure?.type,
        [EXCEPTION_MESSAGE]: stream.failure?.message,
        [FAILURE_DEFECT]: stream.failure?.defect,
      }),
      ...(match === undefined
        ? []
        : eventAt(FINDING_EVENT, stream.endedAt, findingAttributes(match))),
    ],
    error: match?.severity === "error" ? match.message : undefined,
    links: stream.readsFrom.map((subscription) => subscription.span),
  }
}
