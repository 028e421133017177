import { ok, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import type { Attributes, AttributeValue, Span } from "../../otel/lifetimes/span.ts"
import { allKinds } from "./spans.ts"

/** What nobody who keeps to the contract would send. */
const odd: ReadonlyArray<AttributeValue> = [
  "",
  "nan",
  "-1",
  "1e400",
  "__proto__",
  "\u0000\u001b[2J",
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  -0.5,
  1e300,
  Number.MAX_SAFE_INTEGER,
  true,
  [],
  [[1, "a"], false],
  {},
  { length: -1 },
]

const Index = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff }))

/** Puts the value in the place of some attribute of some span, or of one of its events. */
const Change = Schema.Struct({ span: Index, place: Index, value: Index })

const Changes = Schema.Array(Change).check(Schema.isMaxLength(40))

type Change = typeof Change.Type

const at = <A>(all: ReadonlyArray<A>, index: number): A | undefined => all[index % all.length]

const changed = (attributes: Attributes, { place, value }: Change): Attributes => {
  const key = at(Object.keys(attributes), place)
  return key === undefined ? attributes : { ...attributes, [key]: at(odd, value) ?? "" }
}

const apply = (spans: ReadonlyArray<Span>, change: Change): ReadonlyArray<Span> =>
  spans.map((span, index) => {
    if (index !== change.span % spans.length) return span
    if (change.value % 2 === 0) return { ...span, attributes: changed(span.attributes, change) }
    return {
      ...span,
      events: span.events.map((event) => ({
        ...event,
        attributes: changed(event.attributes, change),
      })),
    }
  })

const isReadable = (spans: ReadonlyArray<Span>): void => {
  const { findings, exchanges } = diagnose(spans)
  strictEqual(exchanges.length > 0, true)
  for (const { message, examples } of findings) {
    ok(message.endsWith("."), message)
    ok(!/undefined|\bNaN\b|\[object/.test(message.replaceAll(/"[^"]*"/g, "")), message)
    ok(examples.length > 0)
  }
}

describe("attributes of odd values", () => {
  it.prop("are judged in whole sentences, however many there are", [Changes], ([changes]) => {
    isReadable(changes.reduce(apply, allKinds))
  })

  it("are judged in whole sentences, each of them in each place", () => {
    for (const [span, { attributes, events }] of allKinds.entries()) {
      const places = Math.max(
        Object.keys(attributes).length,
        ...events.map((event) => Object.keys(event.attributes).length),
      )
      for (let place = 0; place < places; place++) {
        const changes = odd.flatMap((_, value) => [
          { span, place, value },
          { span, place, value: value + odd.length },
        ])
        for (const change of changes) isReadable(apply(allKinds, change))
      }
    }
  }, 30_000)
})
