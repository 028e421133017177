import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Stream from "effect/Stream"
import { tracedStream } from "../../otel/index.ts"
import { encodeFrame, makeEvent } from "./frame.ts"
import { variants } from "./variant.ts"
import type { VariantName } from "./variant-name.ts"

const headers = {
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
}

/** The response of `GET /event`: `server.connected`, then every event that is published from now on. */
export const eventResponse = (variant: VariantName) =>
  Effect.map(variants[variant], (frames) => {
    const connected = Stream.sync(() =>
      encodeFrame(makeEvent({ type: "server.connected", properties: {} })),
    )
    const body = Stream.concat(connected, frames).pipe(tracedStream("event"))
    return HttpServerResponse.stream(body, { contentType: "text/event-stream", headers })
  })
