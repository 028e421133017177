import { describe, expect, it } from "vitest"
import * as A from "../../otel/attributes.ts"
import { asEventStream } from "../../otel/lifetimes/stream-route.ts"
import { diagnosed, linesOf, rulesOf } from "../recordings/recording.ts"
import { exchange } from "./exchange.ts"
import { event, server } from "./spans.ts"

const silent = exchange([0, 5], { contentType: undefined, route: "GET /event" })

describe("a route that is named as one of event streams", () => {
  it.each([["/event"], ["GET /event"]])("makes an exchange of it one, named as %s", (route) => {
    expect(asEventStream(silent, [route]).contentType).toBe("text/event-stream")
  })

  it.each([["/"], ["/events"], ["POST /event"], ["event"], ["GET /"]])(
    "is not this one, named as %s",
    (route) => {
      expect(asEventStream(silent, [route]).contentType).toBeUndefined()
    },
  )

  it("does not change what an exchange says of itself", () => {
    const told = { ...silent, contentType: "application/json" }
    expect(asEventStream(told, ["/event"])).toBe(told)
  })

  it("lets an end by the server be found in stock traces", async () => {
    const stock = server([0, 3])
    const { [A.HTTP_CONTENT_TYPE]: _, ...attributes } = stock.attributes
    const failed = {
      ...stock,
      attributes,
      events: [
        event("exception", 3, {
          "exception.type": "Error",
          "exception.message": "connection refused",
        }),
      ],
    }
    const text = linesOf([failed])
    expect(rulesOf(await diagnosed(text))).toEqual([])
    expect(rulesOf(await diagnosed(text, { streamRoutes: ["GET /event"] }))).toEqual([
      ["server-ended-stream", 1],
    ])
  })
})
