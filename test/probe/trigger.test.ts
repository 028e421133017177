import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { parseTrigger } from "../../src/probe/trigger.ts"

describe("a trigger", () => {
  it.effect("is a method, a path and perhaps JSON", () =>
    Effect.gen(function* () {
      expect(yield* parseTrigger("POST /session {}")).toEqual({
        method: "POST",
        path: "/session",
        body: "{}",
      })
      expect(yield* parseTrigger(' put  /a?b=c  {"x": [1, 2]} ')).toEqual({
        method: "PUT",
        path: "/a?b=c",
        body: '{"x": [1, 2]}',
      })
      expect(yield* parseTrigger("GET /")).toEqual({ method: "GET", path: "/", body: undefined })
    }),
  )

  it.effect("is refused with what is expected where it is none", () =>
    Effect.gen(function* () {
      for (const text of [
        "",
        "POST",
        "/session",
        "POST http://other/session",
        "POST /a {",
        "P/ST /",
      ]) {
        const { message } = yield* Effect.flip(parseTrigger(text))
        expect(message).toMatch(
          /^--trigger ".*": (a method, a path|what follows the path is no JSON)/,
        )
      }
    }),
  )
})
