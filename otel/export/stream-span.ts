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
  RESOURCE_SPAN_ID,
  RESOURCE_TRACE_ID,
  STREAM_CUT_OFF,
  STREAM_END,
  STREAM_ENDED_BY,
  STREAM_EVENTS,
  STREAM_FIRST_EVENT,
  STREAM_NAME,
  STREAM_READS,
  STREAM_REFUSED,
  SUBSCRIPTION_OWNER,
  spanName,
} from "../attributes.ts"
import type { ConsumerRecord } from "../instrument/records.ts"
import { findingAttributes } from "../lifetimes/recorded.ts"
import { eventAt, type Form } from "./span-form.ts"

/** The span form of one run of a stream. */
export const streamForm = (consumer: ConsumerRecord): Form => {
  const match = consumer.exchange?.matches.find((it) => it.consumer === consumer.span.spanId)
  return {
    name: spanName.stream(consumer.name),
    attributes: {
      [LIFETIME_KIND]: "stream",
      [STREAM_NAME]: consumer.name,
      [FIBER_ID]: consumer.fiber,
      [STREAM_EVENTS]: consumer.events,
      [STREAM_READS]: consumer.reads,
      [STREAM_ENDED_BY]: consumer.endedBy,
      [FINDING]: match?.rule,
    },
    events: [
      ...eventAt(STREAM_FIRST_EVENT, consumer.firstEventAt),
      ...eventAt(STREAM_REFUSED, consumer.refused?.at, {
        [RESOURCE_SPAN_ID]: consumer.refused?.resource,
      }),
      ...eventAt(STREAM_CUT_OFF, consumer.cutOff?.at, { [FIBER_ID]: consumer.cutOff?.by }),
      ...eventAt(STREAM_END, consumer.endedAt, {
        [EXIT]: consumer.exit,
        [STREAM_ENDED_BY]: consumer.endedBy,
        [RESOURCE_SPAN_ID]: consumer.endedByResource,
        [RESOURCE_TRACE_ID]: consumer.endedByForeign?.resource.traceId,
        [PUBSUB_NAME]: consumer.endedByForeign?.name,
        [SUBSCRIPTION_OWNER]: consumer.endedByForeign?.owner,
        [EXCEPTION_TYPE]: consumer.failure?.type,
        [EXCEPTION_MESSAGE]: consumer.failure?.message,
        [FAILURE_DEFECT]: consumer.failure?.defect,
      }),
      ...(match === undefined
        ? []
        : eventAt(FINDING_EVENT, consumer.endedAt, findingAttributes(match))),
    ],
    error: match?.severity === "error" ? match.message : undefined,
    links: consumer.readsFrom.map((resource) => resource.span),
  }
}
