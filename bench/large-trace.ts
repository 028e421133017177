import * as A from "../otel/attributes.ts"
import type { Attributes, Span, SpanEvent } from "../otel/lifetimes/span.ts"

const traceId = "5f2a9f6c1d0e4b7a8c3d2e1f0a9b8c7d"
const epoch = 1_795_424_000_000_000

export const idOf = (index: number): string => (index + 1).toString(16).padStart(16, "0")

interface Shape {
  readonly name: string
  readonly parent?: number
  readonly from: number
  readonly to: number
  readonly attributes: Attributes
  readonly events?: ReadonlyArray<SpanEvent>
}

/** How the trace names things, and what it says of them beside that. */
export interface Style {
  readonly name: (index: number) => string
  readonly attributes: Attributes
}

const plain: Style = { name: (index) => `part ${index}`, attributes: {} }

/**
 * One request whose handler opened scopes, each with a subscription that a stream of the same exchange
 * read: `size` spans, of which the last are streams that their scope cut off.
 */
export const largeTrace = (size: number, style: Style = plain): ReadonlyArray<Span> => {
  const groups = Math.floor((size - 1) / 3)
  const spans = [server(style, groups)]
  for (let group = 0; group < groups; group++) spans.push(...cutOff(style, group))
  while (spans.length < size) {
    const { length } = spans
    spans.push(
      make(style, length, {
        name: style.name(length),
        parent: 0,
        from: 10,
        to: 20,
        attributes: {},
      }),
    )
  }
  return spans
}

const make = (style: Style, index: number, shape: Shape): Span => ({
  traceId,
  spanId: idOf(index),
  parentSpanId: shape.parent === undefined ? undefined : idOf(shape.parent),
  name: shape.name,
  kind: shape.parent === undefined ? "server" : "internal",
  startedAt: epoch + shape.from,
  endedAt: epoch + shape.to,
  attributes: { ...style.attributes, ...shape.attributes },
  events: shape.events ?? [],
  links: [],
  status: { code: "ok", message: "" },
  resource: { [A.SERVICE_NAME]: style.name(0), ...style.attributes },
  instrumentation: undefined,
})

const server = (style: Style, groups: number): Span =>
  make(style, 0, {
    name: "GET /event",
    from: 0,
    to: 2_000 + groups * 100,
    attributes: {
      [A.HTTP_METHOD]: "GET",
      [A.HTTP_ROUTE]: "/event",
      [A.HTTP_STATUS]: 200,
      [A.HTTP_CONTENT_TYPE]: ["text/event-stream"],
      [A.EXCHANGE_ENDED_BY]: "server",
    },
  })

const cutOff = (style: Style, group: number): ReadonlyArray<Span> => {
  const [scope, subscription, stream] = [1 + group * 3, 2 + group * 3, 3 + group * 3]
  const from = group * 100
  const name = style.name(group)
  return [
    make(style, scope, {
      name: `scope ${name}`,
      parent: 0,
      from,
      to: from + 300,
      attributes: { [A.LIFETIME_KIND]: "scope", [A.SCOPE_NAME]: name, [A.SCOPE_ROLE]: "handler" },
      events: [
        { name: "scope.close", time: epoch + from + 300, attributes: { [A.EXIT]: "success" } },
      ],
    }),
    make(style, subscription, {
      name: `subscription ${name}`,
      parent: scope,
      from: from + 100,
      to: from + 300,
      attributes: {
        [A.LIFETIME_KIND]: "subscription",
        [A.PUBSUB_NAME]: name,
        [A.SCOPE_SPAN_ID]: idOf(scope),
        [A.SUBSCRIPTION_OWNER]: name,
      },
      events: [
        {
          name: "subscription.released",
          time: epoch + from + 300,
          attributes: { [A.SCOPE_SPAN_ID]: idOf(scope) },
        },
      ],
    }),
    make(style, stream, {
      name: `stream ${name}`,
      parent: 0,
      from: from + 500,
      to: from + 900,
      attributes: {
        [A.LIFETIME_KIND]: "stream",
        "effect.stream.name": name,
        "effect.stream.events": 1,
        "effect.stream.reads": [idOf(subscription)],
        [A.STREAM_ENDED_BY]: "released",
      },
      events: [
        {
          name: "stream.end",
          time: epoch + from + 900,
          attributes: { [A.EXIT]: "success", [A.SUBSCRIPTION_SPAN_ID]: idOf(subscription) },
        },
      ],
    }),
  ]
}
