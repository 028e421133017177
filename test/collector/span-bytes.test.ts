import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Attributes, Span } from "../../otel/lifetimes/span.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { encodeJson } from "../../src/otlp/encode.ts"
import { decodeJson } from "../../src/otlp/export-request.ts"
import { hexOf, spanOf } from "../otlp/spans.ts"
import { collectGarbage } from "../support/collect-garbage.ts"

const MiB = 1024 * 1024

const heap = (): number => {
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().heapUsed
}

const many = (count: number, one: (index: number) => readonly [string, Attributes[string]]) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => one(index)))

const shapes: Readonly<Record<string, (n: number) => Partial<Span>>> = {
  "of a few attributes and an event": (n) => ({
    name: "scope request",
    attributes: {
      "effect.lifetime.kind": "scope",
      "effect.scope.role": "request",
      "code.function.name": `handle${n % 50}`,
      note: `number ${n} of many`,
    },
    events: [{ name: "scope.close", time: 1, attributes: { exit: "success", fiber: `#${n}` } }],
  }),
  "with a stack trace": (n) => ({ attributes: { stack: "at handle\n".repeat(1500) + n } }),
  "with a text beyond Latin": (n) => ({ attributes: { text: "ж".repeat(3000) + n } }),
  "of fifty numbers": (n) => ({ attributes: many(50, (i) => [`key${i}`, n + i + 0.5]) }),
  "of three hundred attributes": (n) => ({ attributes: many(300, (i) => [`${n % 7}.${i}`, "v"]) }),
  "with a long list": (n) => ({
    attributes: { list: Array.from({ length: 500 }, (_, i) => `value ${n} ${i}`) },
  }),
  "with nested attributes": (n) => ({
    attributes: { map: many(50, (i) => [`key${i}`, { inner: `${n} ${i}` }]) },
  }),
  "with many links": (n) => ({
    links: Array.from({ length: 100 }, (_, i) => ({
      traceId: hexOf(n * 1000 + i, 32),
      spanId: hexOf(n * 1000 + i, 16),
      attributes: {},
    })),
  }),
  "of a resource each": (n) => ({ resource: many(20, (i) => [`key${i}`, `value ${n} ${i}`]) }),
}

describe("the estimate of what spans take on the heap", () => {
  it.effect.each(Object.entries(shapes))("is not much below the truth for spans %s", ([, shape]) =>
    Effect.gen(function* () {
      const store = yield* TraceStore
      const before = heap()
      let estimated = 0
      for (let n = 1; estimated < 12 * MiB; ) {
        const spans = Array.from({ length: 50 }, () => {
          const number = n++
          const ids = { traceId: hexOf(number, 32), spanId: hexOf(number, 16) }
          return spanOf({ ...ids, ...shape(number) })
        })
        yield* store.add((yield* decodeJson(encodeJson(spans))).spans)
        estimated = (yield* store.counts).bytes
      }
      const ratio = (heap() - before) / estimated
      // More is no danger, and texts that come again and again are counted each time.
      expect(ratio).toBeGreaterThan(0.2)
      expect(ratio).toBeLessThan(1.4)
    }).pipe(Effect.provide(TraceStore.layer())),
  )
})
