import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"

const units: Readonly<Record<string, number>> = {
  ms: 1,
  millis: 1,
  millisecond: 1,
  milliseconds: 1,
  s: 1000,
  second: 1000,
  seconds: 1000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
}

const pattern = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/

const millisOf = (text: string): number | undefined => {
  const [, amount, unit = ""] = pattern.exec(text.trim()) ?? []
  const size = units[unit]
  return amount === undefined || size === undefined ? undefined : Number(amount) * size
}

/** A length of time as people type it, `500ms`, `10s`, `1h` or `1 second`, in milliseconds. */
export const DurationText = Schema.String.check(
  Schema.makeFilter((text: string) =>
    millisOf(text) === undefined ? "a duration such as 500ms, 10s or 1h is expected" : undefined,
  ),
).pipe(
  Schema.decodeTo(Schema.Number, {
    decode: SchemaGetter.transform((text: string) => millisOf(text) ?? 0),
    encode: SchemaGetter.transform((millis: number) => `${millis}ms`),
  }),
)
