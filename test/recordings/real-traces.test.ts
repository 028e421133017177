import { deepStrictEqual } from "node:assert"
import { readFileSync } from "node:fs"
import { beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { UnreadParts } from "../../src/otlp/unread-parts.ts"
import { diagnoseSource } from "../../src/recordings/diagnosis/diagnose-source.ts"
import { readDocument } from "../../src/recordings/formats/document.ts"
import {
  grace,
  type RecordedTraces,
  recordLeaving,
  recordStopping,
} from "../trace/recorded-trace.ts"
import { disordered } from "./disorder.ts"
import { capture, found, textSource } from "./recording.ts"

const Number32 = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff_ffff }))

let leaving: RecordedTraces
let stopping: RecordedTraces

beforeAll(async () => {
  leaving = await recordLeaving()
  stopping = await recordStopping()
})

const captured = (version: string): ReadonlyArray<Span> =>
  readFileSync(capture(version), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const read = readDocument(JSON.parse(line), new UnreadParts())
      if (typeof read === "string") throw new Error(read)
      return read.spans
    })

const everythingOf = (traces: RecordedTraces): ReadonlyArray<Span> =>
  Object.values(traces).flatMap(({ spans, others }) => [...spans, ...others.flat()])

const recordings: ReadonlyArray<readonly [string, () => ReadonlyArray<Span>]> = [
  ["servers whose client left", () => everythingOf(leaving)],
  ["servers that were stopped", () => everythingOf(stopping)],
  ["OpenCode 1.14.48", () => captured("1.14.48")],
  ["OpenCode 1.15.3", () => captured("1.15.3")],
]

/** What does not change from one random order to the next. */
const once = <A>(make: () => A): (() => A) => {
  let made: { readonly it: A } | undefined
  return () => {
    made ??= { it: make() }
    return made.it
  }
}

describe.each(recordings)("what is found in the traces of %s", (_, read) => {
  const all = once(read)
  const diagnosed = once(() => diagnose(all(), { grace }))
  it.effect.prop("depends on no order, no repetition and no lines", [Number32], ([seed]) =>
    Effect.gen(function* () {
      const source = textSource(disordered(all(), seed), { piece: 1 + (seed % 50_000) })
      const diagnosis = yield* diagnoseSource(source, { grace })
      const whole = diagnosed()
      deepStrictEqual(found(diagnosis), whole.findings)
      deepStrictEqual(
        [diagnosis.traces, diagnosis.spans, diagnosis.exchangesJudged, diagnosis.exchangesOpen],
        [whole.traces, whole.spans, whole.exchangesJudged, whole.exchangesOpen],
      )
    }),
  )
})

const healthy: ReadonlyArray<readonly [string, () => ReadonlyArray<ReadonlyArray<Span>>]> = [
  ["a stream whose client left", () => [leaving.fixed.spans]],
  ["a stream whose server was stopped", () => [stopping.fixed.spans]],
  ["ordinary requests, and an application's own lifetimes", () => leaving.fixed.others],
  ["the same of a server that was stopped under a client", () => stopping.fixed.others],
]

const certainErrors = (spans: ReadonlyArray<Span>) =>
  diagnose(spans, { grace }).findings.filter(
    ({ severity, confidence }) => severity === "error" && confidence === "certain",
  )

const without = (spans: ReadonlyArray<Span>, ...indices: ReadonlyArray<number>) =>
  spans.filter((_, index) => !indices.includes(index))

describe.each(healthy)("%s", (_, read) => {
  it("has no finding", () => {
    for (const spans of read()) deepStrictEqual(diagnose(spans, { grace }).findings, [])
  })

  it("has none that is certain of an error with any one span missing, or any two", () => {
    for (const spans of read()) {
      for (let one = 0; one < spans.length; one++) {
        for (let other = one; other < spans.length; other++) {
          deepStrictEqual(certainErrors(without(spans, one, other)), [])
        }
      }
    }
  })
})
