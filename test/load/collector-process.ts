// A collector in a process of its own: it counts spans, and answers as it is told to.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import * as Schema from "effect/Schema"
import { answer } from "../../bench/child.ts"

const Span = Schema.Struct({
  traceId: Schema.String,
  spanId: Schema.String,
  name: Schema.String,
})

type Span = typeof Span.Type

const Request = Schema.fromJsonString(
  Schema.Struct({
    resourceSpans: Schema.Array(
      Schema.Struct({
        scopeSpans: Schema.Array(
          Schema.Struct({
            spans: Schema.Array(Span),
          }),
        ),
      }),
    ),
  }),
)

const spansIn = (body: string): ReadonlyArray<Span> =>
  Schema.decodeSync(Request)(body).resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans),
  )

/** How many spans it takes in a second; all that come where nothing is said. */
const perSecond = Number(process.env.LOAD_SPANS_PER_SECOND ?? Number.POSITIVE_INFINITY)
const isSilent = process.env.LOAD_SILENT === "1"
/** Whether it takes everything and counts nothing, so that it costs as little as it can. */
const forgets = process.env.LOAD_FORGETS === "1"

const seen = new Set<string>()
/** How many spans each trace has, and whether one of them is a finding. */
const traces = new Map<string, { spans: number; isFound: boolean }>()
let twice = 0

const keep = (spans: ReadonlyArray<Span>): void => {
  for (const { traceId, spanId, name } of spans) {
    if (seen.has(spanId)) twice++
    seen.add(spanId)
    const trace = traces.get(traceId) ?? { spans: 0, isFound: false }
    trace.spans++
    trace.isFound ||= name.startsWith("finding ")
    traces.set(traceId, trace)
  }
}

/** When the requests before have been answered. */
let free = 0

/** One request after the other, each for as long as its spans take. Who does not wait for that has not sent them. */
const take = (body: string, response: ServerResponse): void => {
  const spans = spansIn(body)
  const now = performance.now()
  free = Math.max(now, free) + (spans.length * 1000) / perSecond
  setTimeout(() => {
    if (response.destroyed) return
    keep(spans)
    response.end("{}")
  }, free - now)
}

const server = createServer((request: IncomingMessage, response) => {
  if (forgets) {
    request.resume().on("end", () => response.end("{}"))
    return
  }
  let body = ""
  request.setEncoding("utf8")
  request.on("data", (text: string) => {
    body += text
  })
  request.on("end", () => {
    if (!isSilent) take(body, response)
  })
})

const found = () => [...traces.values()].filter(({ isFound }) => isFound)

server.listen(0, "127.0.0.1", () => {
  answer({
    port: () => {
      const address = server.address()
      return typeof address === "object" && address !== null ? address.port : Number.NaN
    },
    spans: () => seen.size,
    twice: () => twice,
    found: () => found().length,
    /** The fewest spans that a trace with a finding has. */
    fewestOfFound: () => Math.min(...found().map(({ spans }) => spans)),
  })
})
process.once("disconnect", () => process.exit())
