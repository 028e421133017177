import * as Arr from "effect/Array"
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
    const body = Stream.concat(connected, frames).pipe(tracedStream("event"), joinFrames)
    return HttpServerResponse.stream(body, { contentType: "text/event-stream", headers })
  })

/** The latest frames that were joined: most clients take the same ones. */
let latest:
  | { readonly first: Uint8Array; readonly count: number; readonly joined: Uint8Array }
  | undefined

/**
 * Sends everything that a client takes at once in one piece. The first frame identifies a piece, because all
 * clients get the frames in the same order.
 */
const joinFrames = Stream.mapArray((frames: Arr.NonEmptyReadonlyArray<Uint8Array>) => {
  const [first] = frames
  if (latest?.first !== first || latest.count !== frames.length) {
    latest = {
      first,
      count: frames.length,
      joined: frames.length === 1 ? first : Buffer.concat(frames),
    }
  }
  return Arr.of(latest.joined)
})
