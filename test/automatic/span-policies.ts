import { expect } from "@effect/vitest"
import { Effect } from "effect"
import { LIFETIME_KIND } from "../../otel/attributes.ts"
import { receiver } from "../collector/post.ts"
import type { Place } from "./places.ts"
import { visited } from "./visiting.ts"

/** The spans of an ordinary request are those of Effect's own tracing, and at most one more. */
export const expectFewSpans = (place: Place) =>
  Effect.gen(function* () {
    const [json] = yield* visited(place, ["/json"])
    expect(json?.text).toBe('{"status":"ok"}')
    const [own = [], more = []] = [false, true].map((ours) =>
      json?.spans.filter(({ attributes }) => (attributes[LIFETIME_KIND] !== undefined) === ours),
    )
    expect(own.map(({ name }) => name)).toEqual(["answerJson", "GET"])
    expect(more.length).toBeLessThanOrEqual(1)
  }).pipe(Effect.provide(receiver))

/** They show everything of one that streams. */
export const expectAllSpans = (place: Place) =>
  Effect.gen(function* () {
    const [nested] = yield* visited(place, ["/nested"])
    expect(nested?.spans.map(({ name }) => name).toSorted()).toEqual([
      "GET",
      "answerNested",
      "scope request",
      "scope withSession",
      "stream body",
      "subscription unnamed",
      "withSession",
    ])
  }).pipe(Effect.provide(receiver))
