import * as A from "../otel/attributes.ts"
import type { Attributes, Span, SpanEvent } from "../otel/lifetimes/span.ts"
import { encodeJson } from "../src/otlp/encode.ts"

/** As many as the SDK's batch processor puts into one request. */
const spansOfLine = 512

const routes = ["/session", "/session/:id", "/session/:id/message", "/config", "/file"]
const resource: Attributes = {
  [A.SERVICE_NAME]: "bench",
  [A.SERVICE_INSTANCE_ID]: "7c9d4ad0-58e5-44f5-9d6e-1f6b6a1e7a55",
  "telemetry.sdk.name": "opentelemetry",
  "telemetry.sdk.language": "nodejs",
}

const epoch = 1_795_424_000_000_000

const hex = (number: number, digits: number): string =>
  (Math.imul(number + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0") +
  number.toString(16).padStart(digits - 8, "0")

const spanId = (trace: number, index: number): string => hex(trace * 16 + index, 16)

const event = (name: string, time: number, attributes: Attributes = {}): SpanEvent => ({
  name,
  time,
  attributes,
})

interface Shape {
  readonly index: number
  readonly below?: number
  readonly name: string
  readonly from: number
  readonly to: number
  readonly attributes?: Attributes
  readonly events?: ReadonlyArray<SpanEvent>
}

const make = (trace: number, { index, below, name, from, to, ...more }: Shape): Span => ({
  traceId: hex(trace, 32),
  spanId: spanId(trace, index),
  parentSpanId: below === undefined ? undefined : spanId(trace, below),
  name,
  kind: below === undefined ? "server" : "internal",
  startedAt: epoch + trace * 200 + from,
  endedAt: epoch + trace * 200 + to,
  attributes: more.attributes ?? {},
  events: more.events ?? [],
  links: [],
  status: { code: "ok", message: "" },
  resource,
  instrumentation: undefined,
})

const serverAttributes = (method: string, route: string): Attributes => ({
  [A.HTTP_METHOD]: method,
  [A.URL_FULL]: `http://127.0.0.1:4096${route}`,
  [A.URL_PATH]: route,
  "url.scheme": "http",
  "user_agent.original": "opencode/1.15.3 node/24",
  "client.address": "127.0.0.1",
  "http.request.header.host": "127.0.0.1:4096",
  "http.request.header.accept": "*/*",
  [A.HTTP_ROUTE]: route,
  [A.HTTP_STATUS]: 200,
  [A.HTTP_CONTENT_TYPE]: ["application/json"],
})

/** What Effect's own tracing makes of a request: a server span, its handler and what that calls. */
const request = (trace: number): ReadonlyArray<Span> => {
  const route = routes[trace % routes.length] ?? "/"
  const calls = ["Session.get", "Storage.read", "FileSystem.readFileString", "Provider.list"]
  return [
    ...calls.map((name, call) =>
      make(trace, {
        index: call + 2,
        below: 1,
        name,
        from: 300 + call * 100,
        to: 380 + call * 100,
        attributes: call % 2 === 0 ? { "session.id": `ses_${trace}` } : {},
      }),
    ),
    make(trace, { index: 1, below: 0, name: `HttpApi${route}`, from: 200, to: 900 }),
    make(trace, {
      index: 0,
      name: `GET ${route}`,
      from: 0,
      to: 1000,
      attributes: serverAttributes("GET", route),
    }),
  ]
}

/** An event stream under our Layer: with every tenth the handler's scope takes its subscription away. */
const stream = (trace: number): ReadonlyArray<Span> => {
  const at = (micros: number) => epoch + trace * 200 + micros
  const broken = trace % 100 === 0
  const end = broken ? 2_000 : 5_000_000
  const owner = broken ? 2 : 1
  const scope = (index: number, below: number, role: string, from: number, to: number) =>
    make(trace, {
      index,
      below,
      name: `scope ${role}`,
      from,
      to,
      attributes: { [A.LIFETIME_KIND]: "scope", [A.SCOPE_NAME]: role, [A.SCOPE_ROLE]: role },
      events: [
        event("scope.close", at(to), {
          [A.EXIT]: "success",
          "effect.scope.finalizers": 2,
          [A.FIBER_ID]: 7,
        }),
      ],
    })
  const released = broken ? 900 : end
  return [
    scope(2, 1, "handler", 200, 900),
    make(trace, {
      index: 3,
      below: owner,
      name: "subscription bus",
      from: 300,
      to: released,
      attributes: {
        [A.LIFETIME_KIND]: "subscription",
        [A.PUBSUB_NAME]: "bus",
        [A.SCOPE_SPAN_ID]: spanId(trace, owner),
        [A.SUBSCRIPTION_OWNER]: broken ? "handler" : "request",
        "effect.subscription.delivered": broken ? 0 : 40,
        "effect.subscription.backlog.max": 3,
      },
      events: [
        event("subscription.released", at(released), { [A.SCOPE_SPAN_ID]: spanId(trace, owner) }),
      ],
    }),
    make(trace, {
      index: 4,
      below: 0,
      name: "stream event",
      from: 1_000,
      to: end - 100,
      attributes: {
        [A.LIFETIME_KIND]: "stream",
        "effect.stream.name": "event",
        [A.FIBER_ID]: 7,
        "effect.stream.events": broken ? 1 : 41,
        "effect.stream.reads": [spanId(trace, 3)],
        [A.STREAM_ENDED_BY]: broken ? "released" : "client",
      },
      events: [
        event("stream.first_event", at(1_100)),
        event("stream.end", at(end - 100), {
          [A.EXIT]: broken ? "success" : "interrupt",
          ...(broken ? { [A.SUBSCRIPTION_SPAN_ID]: spanId(trace, 3) } : {}),
        }),
      ],
    }),
    scope(1, 0, "request", 100, end),
    make(trace, {
      index: 0,
      name: "GET /event",
      from: 0,
      to: end,
      attributes: {
        ...serverAttributes("GET", "/event"),
        [A.HTTP_CONTENT_TYPE]: ["text/event-stream"],
        [A.EXCHANGE_ENDED_BY]: broken ? "server" : "client",
      },
      events: [event("exchange.handler_returned", at(950)), event("exchange.head_sent", at(980))],
    }),
  ]
}

/** Every tenth exchange is an event stream, and every tenth of these is broken. */
export const exchange = (trace: number): ReadonlyArray<Span> =>
  trace % 10 === 0 ? stream(trace) : request(trace)

/** Several run at once, so their spans come mixed. */
const atOnce = 20

function* mixed(): Generator<Span> {
  for (let first = 0; ; first += atOnce) {
    const traces = Array.from({ length: atOnce }, (_, index) => exchange(first + index))
    for (let step = 0; step < 8; step++) {
      for (const spans of traces) {
        const span = spans[step]
        if (span !== undefined) yield span
      }
    }
  }
}

/** So many spans as OTLP in JSON, as the Collector's file exporter writes it: one request a line. */
export function* generatedLines(spans: number): Generator<string> {
  const source = mixed()
  for (let made = 0; made < spans; made += spansOfLine) {
    const size = Math.min(spansOfLine, spans - made)
    yield encodeJson(
      Array.from({ length: size }, () => source.next().value).filter((it) => it !== undefined),
    )
  }
}
