import { readFileSync } from "node:fs"
import type { RequestListener } from "node:http"
import { Effect } from "effect"

export const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/jaeger-api/${name}`, import.meta.url), "utf8")

export const fixtureTrace = "00000000000000000000000000000001"
export const sentTrace = "83a9efd15c1c98a977e0711cc93ee28b"

export const answering =
  (status: number, type: string, body: string): RequestListener =>
  (_, response) => {
    response.writeHead(status, { "content-type": type })
    response.end(body)
  }

export const send = (address: string, body: string) =>
  Effect.promise(() =>
    fetch(`${address}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    }).then((response) => response.text()),
  )

export const spanOf = (traceId: string, spanId: string) =>
  JSON.stringify({
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: [
              {
                traceId,
                spanId,
                name: "late",
                kind: "SPAN_KIND_CLIENT",
                startTimeUnixNano: "1706678909209712000",
                endTimeUnixNano: "1706678909209835000",
                attributes: [{ key: "http.response.status_code", value: { intValue: 200 } }],
              },
            ],
          },
        ],
      },
    ],
  })
