import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { LIFETIME_KIND } from "../../otel/attributes.ts"
import { receiver } from "../collector/post.ts"
import { onNode } from "./places.ts"
import { visited } from "./visiting.ts"

describe("the spans of an exchange", () => {
  it.live("are those of Effect's own tracing and at most one more, for an ordinary request", () =>
    Effect.gen(function* () {
      const [json] = yield* visited(onNode, ["/json"])
      expect(json?.text).toBe('{"status":"ok"}')
      const [own = [], more = []] = [false, true].map((ours) =>
        json?.spans.filter(({ attributes }) => (attributes[LIFETIME_KIND] !== undefined) === ours),
      )
      expect(own.map(({ name }) => name)).toEqual(["answerJson", "GET"])
      expect(more.length).toBeLessThanOrEqual(1)
    }).pipe(Effect.provide(receiver)),
  )

  it.live("show everything of one that streams", () =>
    Effect.gen(function* () {
      const [nested] = yield* visited(onNode, ["/nested"])
      expect(nested?.spans.map(({ name }) => name).toSorted()).toEqual([
        "GET",
        "answerNested",
        "scope request",
        "scope withSession",
        "stream body",
        "withSession",
      ])
    }).pipe(Effect.provide(receiver)),
  )
})
