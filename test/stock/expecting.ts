import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { once } from "../support/once.ts"
import { healthyNames } from "./healthy.ts"
import { notYet } from "./not-yet.ts"
import { type PairName, pairNames, pairOf } from "./pairs.ts"
import { type Play, wordOf } from "./plays.ts"
import { isPossible, type Judged, judged, type Way } from "./ways.ts"

/** All programs of a way run before its first test ends, each with its own limit: this one is for a slow machine. */
const patience = 600_000

/** All programs in one way, two tests for each pair. */
export const describeStock = (way: Way): void => {
  const all = once(judged(way))
  const played = (play: Play) =>
    Effect.map(all, (them): Judged => {
      const one = them.find((each) => wordOf(each) === wordOf(play))
      if (one === undefined) throw new Error(`${wordOf(play)} was not played`)
      return one
    })

  const possible = pairNames.filter((name) => isPossible({ name }, way))

  describe(`a program of stock Effect ${way.title}`, () => {
    it.live.each(possible.map((name) => ({ name, rule: pairOf(name).rule })))(
      "$name is broken, and gives $rule",
      ({ name }) =>
        Effect.map(played({ name, variant: "broken" }), (one) => {
          if (isOfPair(one)) expectRule(one, way)
        }),
      patience,
    )

    it.live.each(possible.map((name) => ({ name })))(
      "$name is fixed, and gives nothing",
      ({ name }) => Effect.map(played({ name, variant: "fixed" }), expectNothing),
      patience,
    )

    const healthy = healthyNames
      .map((name) => ({ name, variant: "healthy" as const }))
      .filter((play) => isPossible(play, way))

    it.live.each(healthy)(
      "$name is healthy, and gives nothing",
      (play) => Effect.map(played(play), expectNothing),
      patience,
    )
  })
}

type JudgedOfPair = Exclude<Judged, { readonly variant: "healthy" }>

const isOfPair = (one: Judged): one is JudgedOfPair => one.variant !== "healthy"

const foundIn = ({ findings }: Judged) => findings.map(({ rule }) => rule)

const expectNothing = (one: Judged): void => {
  expect(foundIn(one), inFull(one)).toEqual([])
  expect(one.right, inFull(one)).toBe(true)
}

const expectRule = (one: JudgedOfPair, way: Way): void => {
  const { rule, place } = pairOf(one.name)
  expect(one.right, `it is broken: ${inFull(one)}`).toBe(false)
  const reason = notYet("rule", one, way)
  if (reason !== undefined) tell(one, way, reason, foundIn(one).join() === rule)
  else expect(foundIn(one), inFull(one)).toEqual([rule])
  if (reason === undefined && place !== undefined) expectPlace(one, way, place)
}

/** The finding leads to the function that has the bug. */
const expectPlace = (one: JudgedOfPair, way: Way, place: string): void => {
  const leadsThere = leadsTo(one, place)
  const reason = notYet("place", one, way)
  if (reason !== undefined) tell(one, way, reason, leadsThere)
  else expect(leadsThere, `it leads to ${place}: ${inFull(one)}`).toBe(true)
}

const fileOf = (name: PairName): string => `test/stock/pairs/${name}.ts`

const leadsTo = ({ name, findings: [finding] }: JudgedOfPair, place: string): boolean =>
  finding?.code?.function === place && finding.code.file?.endsWith(fileOf(name)) === true

const inFull = (one: Judged): string => JSON.stringify(one, undefined, 1)

const tell = (one: Judged, { title }: Way, reason: string, holds: boolean): void => {
  const found = foundIn(one).join() || "nothing"
  const now = holds ? "it holds by now: take it off the list" : `it gives ${found}`
  console.info(`not yet: ${one.name}, broken, ${title}: ${reason}; ${now}`)
}
