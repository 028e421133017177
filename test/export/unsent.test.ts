import { describe, expect, it } from "@effect/vitest"
import { Effect, PubSub, Stream } from "effect"
import { EVIDENCE_NOT_SENT, LINK_EXPORTED } from "../../otel/attributes.ts"
import type { LifetimeSpan } from "../../otel/export/lifetime-span.ts"
import { everything, KeepFindings } from "../../otel/export/outlet.ts"
import { samplingOf } from "../../otel/export/sampling.ts"
import { tracesNamed, withUnsent } from "../../otel/export/unsent.ts"
import { subscribeTraced, tracedPubSub, tracedStream } from "../../otel/index.ts"
import type { ExchangeRecord } from "../../otel/instrument/records/record.ts"
import type { Sink } from "../../otel/instrument/records/sink.ts"
import { answer, eventStream } from "../instrument/exchange.ts"
import { endedStream, recorded } from "../instrument/recording.ts"
import { at } from "../lifetimes/exchange.ts"
import { spanId, traceId } from "../lifetimes/spans.ts"
import { exported, now } from "./exported.ts"

const reference = (name: string) => ({ traceId: traceId(name), spanId: spanId(name) })

describe("a span that names a trace which was not sent", () => {
  const form: LifetimeSpan = {
    span: reference("own"),
    parent: undefined,
    name: "finding upstream-bound-to-first-consumer",
    startedAt: at(0),
    endedAt: at(0),
    attributes: {
      "lifetime.evidence.owner.trace": traceId("dropped"),
      "lifetime.evidence.resource": traceId("what a program calls a PubSub"),
      "effect.pubsub.name": traceId("what a program calls a PubSub"),
    },
    events: [
      {
        name: "stream.end",
        time: at(0),
        attributes: { "effect.resource.trace_id": traceId("named by an event") },
      },
    ],
    links: [reference("own"), reference("linked")].map((to) => ({ ...to, attributes: {} })),
    error: undefined,
  }

  it("says so, of a link, of what stands in its evidence and in its events", () => {
    const named = tracesNamed(form)
    expect(named).toEqual([traceId("linked"), traceId("dropped"), traceId("named by an event")])
    const { links, attributes } = withUnsent(form, named)
    expect(links.map((link) => link.attributes)).toEqual([{}, { [LINK_EXPORTED]: false }])
    expect(attributes[EVIDENCE_NOT_SENT]).toBe(named.join(" "))
    expect(withUnsent(form, [])).toBe(form)
  })
})

/** An exchange of which something was found that names another one. */
const naming = Effect.gen(function* () {
  const bus = yield* PubSub.sliding<number>(8).pipe(tracedPubSub("bus"))
  const handler = Effect.gen(function* () {
    const subscription = yield* subscribeTraced(bus)
    return eventStream(Stream.fromSubscription(subscription).pipe(tracedStream("event")))
  })
  yield* answer(Effect.scoped(handler))
  const { exchange } = yield* endedStream("event")
  if (exchange === undefined) throw new Error("no exchange")
  return exchange
}).pipe(Effect.provide(recorded()))

const tellFinding = (sink: Sink, exchange: ExchangeRecord) => {
  const [match] = exchange.matches
  if (match === undefined) throw new Error("nothing was found")
  const evidence = { "owner.trace": traceId("other") }
  sink.exportFinding(exchange, { ...match, evidence }, now)
}

const another = (exchange: ExchangeRecord, sampled: boolean): ExchangeRecord => ({
  ...exchange,
  span: reference("other"),
  sampled,
})

describe("a finding that names the trace of another exchange", () => {
  const byId = (ratio: number) => ({
    outlet: everything,
    sampling: samplingOf({ name: "parentbased_traceidratio", ratio }),
  })

  it.effect.each([
    ["that its id leaves out", 0, undefined, traceId("other")],
    ["that its id leaves out, and its parent does not", 0, true, undefined],
    ["that its id takes", 1, undefined, undefined],
    ["that its id takes, and its parent does not", 1, false, traceId("other")],
  ] as const)("says whether that is sent: one %s", ([, ratio, sampled, notSent]) =>
    Effect.gen(function* () {
      const exchange = yield* naming
      const spans = exported((sink) => {
        if (sampled !== undefined) sink.begun(another(exchange, sampled))
        tellFinding(sink, exchange)
      }, byId(ratio))
      expect(spans.map(({ attributes }) => attributes[EVIDENCE_NOT_SENT])).toEqual([notSent])
    }),
  )

  it.effect("keeps that one, where only findings are kept and it is not decided yet", () =>
    Effect.gen(function* () {
      const exchange = yield* naming
      const keeping = () => ({ outlet: new KeepFindings(0), sampling: () => true })
      const toldWhile = (tell: (sink: Sink) => void) =>
        exported((sink) => {
          tell(sink)
          tellFinding(sink, exchange)
        }, keeping()).map(({ attributes }) => attributes[EVIDENCE_NOT_SENT])
      const open = (sink: Sink) => sink.begun(another(exchange, true))
      expect(toldWhile(open)).toEqual([undefined])
      const done = (sink: Sink) => {
        open(sink)
        sink.done({ ...another(exchange, true), matches: [] })
      }
      expect(toldWhile(done)).toEqual([traceId("other")])
    }),
  )
})
