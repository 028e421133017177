import { readFileSync } from "node:fs"
import { expect } from "@effect/vitest"
import { Effect } from "effect"
import { receiver } from "../collector/post.ts"
import type { Place } from "./places.ts"
import { type Visited, visited } from "./visiting.ts"

const file = new URL("routes.ts", import.meta.url)

/** Where `openBroken` is defined, which opens a scope. */
const line =
  readFileSync(file, "utf8")
    .split("\n")
    .findIndex((text) => text.includes('Effect.fn("openBroken")')) + 1

/** What the three event streams of a program must look like that nobody has prepared for being watched. */
export const expectBrokenAlone = (place: Place): Effect.Effect<void, Error> =>
  Effect.gen(function* () {
    const [broken, fixed, nested] = yield* visited(place, ["/broken", "/fixed", "/nested"])
    expectBroken(broken)
    for (const healthy of [fixed, nested]) expectHealthy(healthy)
  }).pipe(Effect.provide(receiver))

const expectBroken = (visit: Visited | undefined): void => {
  expect(visit?.text).toBe("data: connected\n\n")
  expect(
    visit?.findings.map(({ rule, confidence, operation }) => [rule, confidence, operation]),
  ).toEqual([["scope-closed-early", "certain", "scope openBroken"]])
  expect(visit?.findings[0]?.message).toMatch(
    new RegExp(`opened in openBroken, \\S*test/automatic/routes\\.ts:${line}\\)`),
  )
  expect(endsOf(visit)).toEqual({ exchange: "server", body: "released", inOrder: true })
}

const expectHealthy = (visit: Visited | undefined): void => {
  expect(visit?.text).toContain("data: tick\n\n")
  expect(visit?.findings).toEqual([])
  expect(endsOf(visit)).toEqual({ exchange: "client", body: "client", inOrder: true })
}

/** What ended the exchange and its body, and whether the body ended first and the request scope last. */
const endsOf = (visit: Visited | undefined) => {
  const [body] = visit?.exchange.streams ?? []
  const request = visit?.exchange.scopes.find(({ role }) => role === "request")
  const ends = [body?.endedAt, visit?.exchange.endedAt, request?.endedAt]
  return {
    exchange: visit?.exchange.endedBy,
    body: body?.endedBy,
    inOrder: ends.every((end, index) => index === 0 || (end ?? 0) >= (ends[index - 1] ?? Infinity)),
  }
}
