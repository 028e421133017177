import { randomUUID } from "node:crypto"
import * as Sse from "effect/encoding/Sse"
import * as Schema from "effect/Schema"

/** An event as its publisher gives it. */
export const EventInput = Schema.Struct({
  type: Schema.NonEmptyString,
  properties: Schema.Record(Schema.String, Schema.Json),
}).annotate({ identifier: "EventInput" })

export type EventInput = typeof EventInput.Type

/** An event as every client receives it. */
export const Event = Schema.Struct({ id: Schema.String, ...EventInput.fields }).annotate({
  identifier: "Event",
})

export type Event = typeof Event.Type

export const makeEvent = (input: EventInput): Event => ({
  id: `evt_${randomUUID().replaceAll("-", "")}`,
  type: input.type,
  properties: input.properties,
})

const utf8 = new TextEncoder()

/**
 * One server-sent event. There is no `event:` line: like OpenCode, the type stands in the data. JSON
 * escapes line breaks, so that no text inside can break the frame.
 */
export const encodeFrame = (event: Event): Uint8Array =>
  utf8.encode(
    Sse.encoder.write({
      _tag: "Event",
      id: undefined,
      event: "message",
      data: JSON.stringify(event),
    }),
  )
