import type { Random } from "../truth/random.ts"

type Json =
  | null
  | boolean
  | number
  | string
  | ReadonlyArray<Json>
  | { readonly [key: string]: Json }

/** A recording as lines, one export request each. */
export type Lines = ReadonlyArray<string>

type Mutation = (lines: Lines, random: Random) => string | Uint8Array
export type Mutations = Readonly<Record<string, Mutation>>

const textOf = (lines: Lines): string => lines.map((line) => `${line}\n`).join("")

const index = (length: number, random: Random): number => random.int(0, Math.max(0, length - 1))

/** The same lines with one of them changed. */
const withLine = (lines: Lines, random: Random, change: (line: string) => string): string => {
  const at = index(lines.length, random)
  return textOf(lines.map((line, number) => (number === at ? change(line) : line)))
}

const withBytes = (lines: Lines, change: (bytes: Buffer) => Uint8Array): Uint8Array =>
  change(Buffer.from(textOf(lines)))

/** What a value is replaced with. */
const odd = (random: Random): Json =>
  random.pick<Json>([
    null,
    true,
    -1,
    0,
    1e308,
    2 ** 53,
    "",
    "9".repeat(40),
    "\u0000\u001b[31m\ud800",
    "x".repeat(5_000),
    [],
    {},
    [[[[]]]],
    { key: "a", value: { intValue: "nine" } },
    { constructor: { prototype: null } },
  ])

const entriesOf = (value: Json): ReadonlyArray<readonly [string, Json]> =>
  typeof value === "object" && value !== null ? Object.entries(value) : []

/** The value with something at a random place in it changed, dropped or doubled. */
const changedWithin = (value: Json, random: Random, change: (old: Json) => Json): Json => {
  const entries = entriesOf(value)
  if (entries.length === 0 || random.chance(0.05)) return change(value)
  const [name, old] = random.pick([entries[0] ?? ["", null], ...entries.slice(1)])
  const inside = changedWithin(old, random, change)
  return Array.isArray(value)
    ? value.map((item, at) => (String(at) === name ? inside : item))
    : { ...Object.fromEntries(entries), [name]: inside }
}

const withValue = (lines: Lines, random: Random, change: (old: Json) => Json): string =>
  withLine(lines, random, (line) => {
    const value: Json = JSON.parse(line)
    return JSON.stringify(changedWithin(value, random, change))
  })

const withoutOne = (old: Json, random: Random): Json => {
  const entries = entriesOf(old)
  const at = index(entries.length, random)
  const left = entries.filter((_, number) => number !== at)
  return Array.isArray(old) ? left.map(([, value]) => value) : Object.fromEntries(left)
}

/** One of the numbers that are written as text: times, and large counts. */
const withOtherNumber = (line: string, random: Random): string => {
  const numbers = [...line.matchAll(/"\d+"/g)]
  const chosen = numbers[index(numbers.length, random)]
  if (chosen === undefined) return line
  const from = random.int(1, chosen[0].length - 2) // the digits before stay
  const other = [...chosen[0]].map((digit, at) =>
    at >= from && digit !== '"' ? String(random.int(0, 9)) : digit,
  )
  const end = chosen.index + chosen[0].length
  return line.slice(0, chosen.index) + other.join("") + line.slice(end)
}

/** Leaves out a fifth of the spans. */
const withSomeSpans = (random: Random) => (key: string, value: unknown) =>
  key === "spans" && Array.isArray(value) ? value.filter(() => random.chance(0.8)) : value

/** What can become of a recording on its way: parts are missing, double or elsewhere. Nothing in it is made up. */
export const losses: Mutations = {
  "a line is missing": (lines, random) => {
    const at = index(lines.length, random)
    return textOf(lines.filter((_, number) => number !== at))
  },
  "spans are missing": (lines, random) =>
    textOf(lines.map((line) => JSON.stringify(JSON.parse(line, withSomeSpans(random))))),
  "lines are doubled": (lines, random) =>
    textOf(lines.flatMap((line) => (random.chance(0.3) ? [line, line] : [line]))),
  "lines are in another order": (lines, random) =>
    textOf(
      lines
        .map((line) => ({ line, at: random.next() }))
        .sort((one, other) => one.at - other.at)
        .map(({ line }) => line),
    ),
  "the end is missing": (lines, random) =>
    withBytes(lines, (bytes) => bytes.subarray(0, index(bytes.length, random))),
  "the beginning is missing": (lines, random) =>
    withBytes(lines, (bytes) => bytes.subarray(index(bytes.length, random))),
  "a run of bytes is missing": (lines, random) =>
    withBytes(lines, (bytes) => {
      const from = index(bytes.length, random)
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + random.int(1, 4_000))])
    }),
  "a line is cut": (lines, random) =>
    withLine(lines, random, (line) => line.slice(0, index(line.length, random))),
  "bytes are zeros": (lines, random) =>
    withBytes(lines, (bytes) => {
      const from = index(bytes.length, random)
      return bytes.fill(0, from, Math.min(bytes.length, from + random.int(1, 500)))
    }),
}

/** What only somebody's hand or a broken disk makes of it. It may then say what never was. */
export const forgeries: Mutations = {
  "bytes are others": (lines, random) =>
    withBytes(lines, (bytes) => {
      for (let left = random.int(1, 20); left > 0; left--) {
        bytes[index(bytes.length, random)] = random.int(0, 255)
      }
      return bytes
    }),
  "bytes are added": (lines, random) =>
    withBytes(lines, (bytes) => {
      const at = index(bytes.length, random)
      const added = Buffer.from(random.times(random.int(1, 200), () => random.int(0, 255)))
      return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)])
    }),
  "a value is another": (lines, random) => withValue(lines, random, () => odd(random)),
  "a number is another": (lines, random) =>
    withLine(lines, random, (line) => withOtherNumber(line, random)),
  "a member is missing": (lines, random) =>
    withValue(lines, random, (old) => withoutOne(old, random)),
  "a value is nested deep": (lines, random) =>
    withValue(lines, random, () => "@deep@").replace(
      '"@deep@"',
      "[".repeat(20_000) + "]".repeat(20_000),
    ),
  "a line is long": (lines, random) =>
    withLine(lines, random, (line) => line.slice(0, -1) + " ".repeat(200_000)),
  "lines are one": (lines) => lines.join(""),
}

/** So many mutations of recordings, the same again for the same random numbers. */
export function* mutants(
  recordings: ReadonlyArray<Lines>,
  mutations: Mutations,
  count: number,
  random: Random,
) {
  const kinds = Object.entries(mutations)
  for (let number = 0; number < count; number++) {
    const [name, mutate] = kinds[number % kinds.length] ?? []
    const lines = recordings[index(recordings.length, random)]
    if (name === undefined || mutate === undefined || lines === undefined) return
    yield { number, name, bytes: mutate(lines, random) }
  }
}
