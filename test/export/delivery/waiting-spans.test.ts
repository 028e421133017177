import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer"
import type { ReadableSpan } from "@opentelemetry/sdk-trace-node"
import { describe, expect, it } from "vitest"
import { cpuMillis } from "../../../bench/usage.ts"
import { sdkSpanBytes } from "../../../otel/export/delivery/sdk-span-bytes.ts"
import { WaitingSpans } from "../../../otel/export/delivery/waiting-spans.ts"
import { traceId } from "../../lifetimes/spans.ts"
import { endedSpan } from "./ended-span.ts"

const kilobyte = "x".repeat(1000)

/** Spans that wait, by name, and what was lost of them. */
const waiting = (
  bounds: Partial<{ bytes: number; spans: number; batch: number }> = {},
  serialize = (spans: ReadonlyArray<ReadableSpan>): Uint8Array | undefined =>
    new TextEncoder().encode(spans.map(({ name }) => name).join()),
) => {
  const lost = { bytes: 0, spans: 0, unwritable: 0 }
  const spans = new WaitingSpans(
    { bytes: 2 ** 20, spans: Number.POSITIVE_INFINITY, batch: 4, ...bounds },
    {
      serialize,
      lost: (cause, count) => {
        lost[cause] += count
      },
    },
  )
  const add = (trace: string, ...names: ReadonlyArray<string>) => {
    for (const name of names) spans.add(endedSpan(trace, kilobyte, name))
  }
  const takeAll = () => {
    const parcels: Array<string> = []
    for (let parcel = spans.take(); parcel !== undefined; parcel = spans.take()) {
      parcels.push(new TextDecoder().decode(parcel.body))
      spans.settle(parcel.bytes)
    }
    return parcels
  }
  return { spans, lost, add, takeAll }
}

const one = sdkSpanBytes(endedSpan("any", kilobyte))

describe("spans that wait", () => {
  it("leave in batches, trace by trace, and the trace first that has waited longest", () => {
    const { add, takeAll } = waiting()
    add("a", "a1")
    add("b", "b1", "b2")
    add("a", "a2", "a3")
    expect(takeAll()).toEqual(["a1,a2,a3,b1", "b2"])
  })

  it("leave first where something was found in their trace, whenever that was", () => {
    const { spans, add, takeAll } = waiting()
    add("a", "a1", "a2")
    add("b", "b1")
    spans.found(traceId("b"))
    add("c", "c1")
    add("b", "b2")
    expect(takeAll()).toEqual(["b1,b2,a1,a2", "c1"])
  })

  it("are lost beyond a number of them, those first that have waited longest", () => {
    const { lost, add, takeAll } = waiting({ spans: 3 })
    add("a", "a1", "a2")
    add("b", "b1", "b2", "b3")
    expect(lost).toEqual({ bytes: 0, spans: 2, unwritable: 0 })
    expect(takeAll()).toEqual(["b1,b2,b3"])
  })

  it("are lost last where something was found in their trace", () => {
    const { spans, lost, add, takeAll } = waiting({ spans: 3 })
    add("a", "a1", "a2")
    spans.found(traceId("a"))
    add("b", "b1", "b2", "b3")
    expect(lost.spans).toBe(2)
    expect(takeAll()).toEqual(["a1,a2,b3"])
  })

  it("are lost even so where there is nothing else", () => {
    const { spans, lost, add, takeAll } = waiting({ spans: 2 })
    spans.found(traceId("a"))
    add("a", "a1", "a2", "a3")
    expect(lost.spans).toBe(1)
    expect(takeAll()).toEqual(["a2,a3"])
  })

  it("are packed before any is lost for want of bytes, and leave as they were", () => {
    const { spans, lost, add, takeAll } = waiting({ bytes: 40 * one, batch: 2 })
    const names = Array.from({ length: 60 }, (_, n) => `s${n}`)
    for (const name of names) add(`trace of ${name}`, name)
    expect(lost.bytes).toBe(0)
    expect(spans.size).toBe(60)
    expect(takeAll().join()).toBe(names.join())
    expect(spans.size).toBe(0)
  })

  it("leave first where something is found in their trace after they were packed", () => {
    const { spans, add, takeAll } = waiting({ bytes: 40 * one, batch: 2 })
    for (let n = 0; n < 60; n++) add(`trace ${n}`, `s${n}`)
    spans.found(traceId("trace 3"))
    expect(takeAll().slice(0, 2)).toEqual(["s2,s3", "s0,s1"])
  })

  it("are not lost where something was found in their trace for as long as others are packed", () => {
    const { spans, lost, add, takeAll } = waiting({ bytes: 40 * one, batch: 2 })
    for (let n = 0; n < 600; n++) add(`trace ${n}`, "other")
    for (let n = 0; n < 60; n++) {
      spans.found(traceId(`broken ${n}`))
      add(`broken ${n}`, `found ${n}`)
    }
    expect(lost.bytes).toBeGreaterThan(0)
    const found = takeAll().flatMap((names) => names.split(",").filter((name) => name !== "other"))
    expect(found).toHaveLength(60)
  })

  it("cost the same each, however many there are of one trace", () => {
    const { spans, takeAll } = waiting({ bytes: Number.POSITIVE_INFINITY, batch: 512 })
    const span = endedSpan("a", kilobyte)
    const begin = cpuMillis()
    for (let n = 0; n < 300_000; n++) spans.add(span)
    takeAll()
    expect(cpuMillis() - begin).toBeLessThan(3_000)
  })

  it("take no more bytes than they may, also while parcels are on their way", () => {
    const { spans, lost, add } = waiting({ bytes: 50 * one, batch: 4 })
    for (let n = 0; n < 40; n++) add(`trace ${n}`, "s")
    const parcels = Array.from({ length: 5 }, () => spans.take())
    const underway = parcels.reduce((sum, parcel) => sum + (parcel?.bytes ?? 0), 0)
    expect(underway).toBeGreaterThan(10 * one)
    for (let n = 0; n < 2_000; n++) add(`later ${n}`, "s")
    expect(lost.bytes).toBeGreaterThan(0)
    const sent = parcels.reduce((sum, parcel) => sum + (parcel?.spans ?? 0), 0)
    expect(spans.size + lost.bytes + sent).toBe(2_040)
  })

  it("are lost alone where one is larger than all that may wait", () => {
    const { spans, lost, add, takeAll } = waiting({ bytes: 10 * one })
    add("a", "a1")
    spans.add(endedSpan("b", "x".repeat(11 * one)))
    expect(lost.bytes).toBe(1)
    expect(takeAll()).toEqual(["a1"])
  })

  it("are lost where they cannot be written, and hold up no others", () => {
    const { lost, add, takeAll } = waiting({}, (spans) =>
      spans.some(({ name }) => name === "bad")
        ? undefined
        : new TextEncoder().encode(spans.map(({ name }) => name).join()),
    )
    add("a", "bad", "a2", "a3", "a4")
    add("b", "b1")
    expect(takeAll()).toEqual(["b1"])
    expect(lost.unwritable).toBe(4)
  })

  it("leave as the SDK's serializer writes them, packed or not", () => {
    const serialize = (spans: ReadonlyArray<ReadableSpan>) =>
      JsonTraceSerializer.serializeRequest([...spans])
    const ended = Array.from({ length: 60 }, (_, n) => endedSpan(`trace ${n}`, kilobyte))
    const { spans } = waiting({ bytes: 40 * one, batch: 2 }, serialize)
    for (const span of ended) spans.add(span)
    for (let n = 0; n < ended.length; n += 2) {
      const written = Buffer.from(serialize(ended.slice(n, n + 2)) ?? [])
      expect(written.equals(Buffer.from(spans.take()?.body ?? []))).toBe(true)
    }
  })
})
