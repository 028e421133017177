import { createServer, type IncomingMessage, type RequestListener } from "node:http"
import { Effect, Schema } from "effect"

/**
 * A real HTTP server with Jaeger's API v3, for tests. What it is given in OTLP JSON on
 * `POST /v1/traces`, it gives back on `GET /api/v3/traces/{traceId}` and `GET /api/v3/traces` in the
 * form that Jaeger gives it: enums as numbers, 64-bit integers as strings, defaults left out.
 */
export interface JaegerStandIn {
  readonly address: string
  /** Ends when the trace has been asked for that many times, found or not. */
  readonly askedFor: (traceId: string, times: number) => Effect.Effect<void>
  /** What was searched for, in order, with how many traces each answer held. */
  readonly searches: ReadonlyArray<{ readonly query: URLSearchParams; readonly traces: number }>
}

interface Json {
  readonly [key: string]: unknown
}

const JsonObject: Schema.Codec<Json> = Schema.Record(Schema.String, Schema.Unknown)
const ScopeSpans = Schema.Struct({
  scope: Schema.optional(JsonObject),
  schemaUrl: Schema.optional(Schema.String),
  spans: Schema.Array(JsonObject),
})
const ResourceSpans = Schema.Struct({
  resource: Schema.optional(JsonObject),
  schemaUrl: Schema.optional(Schema.String),
  scopeSpans: Schema.Array(ScopeSpans),
})
type ResourceSpans = typeof ResourceSpans.Type
const TraceRequest = Schema.fromJsonString(
  Schema.Struct({ resourceSpans: Schema.Array(ResourceSpans) }),
)

const enumNumbers: Readonly<Record<string, number>> = {
  SPAN_KIND_INTERNAL: 1,
  SPAN_KIND_SERVER: 2,
  SPAN_KIND_CLIENT: 3,
  SPAN_KIND_PRODUCER: 4,
  SPAN_KIND_CONSUMER: 5,
  STATUS_CODE_OK: 1,
  STATUS_CODE_ERROR: 2,
}

const isDefault = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  value === 0 ||
  value === "0" ||
  (Array.isArray(value) && value.length === 0)

const asJaegerWrites = (key: string, value: unknown): unknown => {
  if (key === "intValue" || key.endsWith("UnixNano")) return String(value)
  if (typeof value === "string") return enumNumbers[value] ?? value
  if (Array.isArray(value)) return value.map((item) => asJaegerWrites("", item))
  if (typeof value !== "object" || value === null) return value
  const written = Object.entries(value).map(([name, member]) => [
    name,
    asJaegerWrites(name, member),
  ])
  // Inside an attribute's value a default says which type it has.
  const kept = key === "value" ? written : written.filter(([, member]) => !isDefault(member))
  return Object.fromEntries(kept)
}

/** What of `all` belongs to traces, in the shape it was sent in. */
const ofTraces = (all: ReadonlyArray<ResourceSpans>, traceIds: ReadonlySet<string>) =>
  all.flatMap((resource) => {
    const scopeSpans = resource.scopeSpans.flatMap((scope) => {
      const spans = scope.spans.filter((span) => traceIds.has(String(span.traceId)))
      return spans.length === 0 ? [] : [{ ...scope, scope: scope.scope ?? {}, spans }]
    })
    return scopeSpans.length === 0
      ? []
      : [{ ...resource, resource: resource.resource ?? {}, scopeSpans }]
  })

const serviceNames = (all: ReadonlyArray<ResourceSpans>): ReadonlyArray<string> => {
  const names = JSON.stringify(all.map(({ resource }) => resource)).matchAll(
    /"key":"service\.name","value":\{"stringValue":"([^"]*)"/g,
  )
  return [...new Set([...names].map(([, name]) => name ?? ""))]
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString("utf8")
}

const nanosOf = (time: string | null): bigint | undefined => {
  const [, seconds, fraction = ""] = /^([^.Z]+)(?:\.(\d{1,9}))?Z$/.exec(time ?? "") ?? []
  if (seconds === undefined) return undefined
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0"))
}

/** The traces of which a span of the service begins in the window, at most `depth` of them. */
const search = (all: ReadonlyArray<ResourceSpans>, query: URLSearchParams) => {
  const wanted: Readonly<Record<string, string>> = JSON.parse(query.get("query.attributes") ?? "{}")
  const operation = query.get("query.operationName")
  const from = nanosOf(query.get("query.startTimeMin"))
  const to = nanosOf(query.get("query.startTimeMax"))
  if (from === undefined || to === undefined) return undefined
  const found = all
    .filter((resource) => serviceNames([resource]).includes(query.get("query.serviceName") ?? ""))
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .filter(({ startTimeUnixNano }) => {
      const start = BigInt(String(startTimeUnixNano ?? 0))
      return start >= from && start <= to
    })
    .filter(
      (span) =>
        (operation === null || span.name === operation) &&
        Object.entries(wanted).every(([key, stringValue]) =>
          JSON.stringify(span.attributes).includes(JSON.stringify({ key, value: { stringValue } })),
        ),
    )
  const traceIds = new Set(found.map(({ traceId }) => String(traceId)))
  return new Set([...traceIds].slice(0, Number(query.get("query.searchDepth") ?? 100)))
}

const badDepth = {
  error: {
    httpCode: 500,
    message: "search depth must be greater than 0 and less than max traces",
  },
}

const notFound = { error: { httpCode: 404, message: "No traces found" } }

/** A server on a free port of this machine, closed with the scope. Gives its address. */
export const listening = (listener: RequestListener) =>
  Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer(listener)
          server.listen(0, "127.0.0.1", () => resolve(server))
        }),
    ),
    (server) =>
      Effect.promise(
        () =>
          new Promise<void>((resolve) => {
            server.close(() => resolve())
            server.closeAllConnections()
          }),
      ),
  ).pipe(
    Effect.map((server) => {
      const bound = server.address()
      if (bound === null || typeof bound === "string") throw new Error("not bound to a port")
      return `http://127.0.0.1:${bound.port}`
    }),
  )

/** One that keeps so many traces, and refuses to be asked for as many or more. */
export const jaegerStandInFor = Effect.fnUntraced(function* (maxTraces: number) {
  const received: Array<ResourceSpans> = []
  const asked: Array<string> = []
  const waiting = new Set<() => void>()

  const answerTrace = (traceId: string) => {
    asked.push(traceId)
    for (const check of waiting) check()
    const resourceSpans = ofTraces(received, new Set([traceId]))
    return resourceSpans.length === 0
      ? { status: 404, body: notFound }
      : { status: 200, body: { result: asJaegerWrites("", { resourceSpans }) } }
  }

  const searches: Array<{ query: URLSearchParams; traces: number }> = []

  const answerSearch = (query: URLSearchParams) => {
    const depth = Number(query.get("query.searchDepth"))
    if (depth <= 0 || depth >= maxTraces) return { status: 500, body: badDepth }
    const traceIds = search(received, query)
    if (traceIds === undefined) return { status: 400, body: { error: { httpCode: 400 } } }
    searches.push({ query, traces: traceIds.size })
    const resourceSpans = ofTraces(received, traceIds)
    return resourceSpans.length === 0
      ? { status: 404, body: notFound }
      : { status: 200, body: { result: asJaegerWrites("", { resourceSpans }) } }
  }

  const answer = async (request: IncomingMessage) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://stand-in")
    if (request.method === "POST" && pathname === "/v1/traces") {
      const sent = Schema.decodeUnknownSync(TraceRequest)(await bodyOf(request))
      received.push(...sent.resourceSpans)
      return { status: 200, body: {} }
    }
    const traceId = /^\/api\/v3\/traces\/([0-9a-f]{32})$/.exec(pathname)?.[1]
    if (traceId !== undefined) return answerTrace(traceId)
    if (pathname === "/api/v3/traces") return answerSearch(searchParams)
    if (pathname === "/api/v3/services") {
      return { status: 200, body: { services: serviceNames(received) } }
    }
    return { status: 404, body: {} }
  }

  const address = yield* listening((request, response) => {
    answer(request).then(
      ({ status, body }) => {
        response.writeHead(status, { "content-type": "application/json" })
        response.end(JSON.stringify(body))
      },
      (error: unknown) => {
        response.writeHead(400, { "content-type": "text/plain" })
        response.end(String(error))
      },
    )
  })

  const standIn: JaegerStandIn = {
    address,
    searches,
    askedFor: (traceId, times) =>
      Effect.callback<void>((resume) => {
        const check = () => {
          if (asked.filter((id) => id === traceId).length < times) return
          waiting.delete(check)
          resume(Effect.void)
        }
        waiting.add(check)
        check()
      }),
  }
  return standIn
})

export const jaegerStandIn = jaegerStandInFor(50_000)
