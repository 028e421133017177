import type { IncomingHttpHeaders } from "node:http"
import { Effect } from "effect"
import type { Span } from "../../otel/lifetimes/span.ts"
import { decodeJson } from "../../src/otlp/export-request.ts"
import { Changes } from "./changes.ts"
import { listening } from "./jaeger-stand-in.ts"
import { expectTrueTimes } from "./span-order.ts"

/** One request as it came, whatever it was. */
export interface Sent {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A plain HTTP server that answers `{}` to everything and keeps what it was sent. */
export const otlpSink = Effect.gen(function* () {
  const requests: Array<Sent> = []
  const changes = new Changes()
  const address = yield* listening((request, response) => {
    let body = ""
    request.setEncoding("utf8")
    request.on("data", (text: string) => {
      body += text
    })
    request.on("end", () => {
      const { method = "", url: path = "", headers } = request
      requests.push({ method, path, headers, body })
      response.writeHead(200, { "content-type": "application/json" }).end("{}")
      changes.tell()
    })
  })
  return { address, requests, until: (condition: () => boolean) => changes.until(condition) }
})

/** The spans in OTLP JSON requests. */
export const spansIn = Effect.fnUntraced(function* (requests: ReadonlyArray<Sent>) {
  const bodies = requests.map(({ body }) => body)
  expectTrueTimes(bodies)
  const decoded = yield* Effect.forEach(bodies, (body) => Effect.orDie(decodeJson(body)))
  return decoded.flatMap(({ spans }): ReadonlyArray<Span> => spans)
})
