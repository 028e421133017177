import { PassThrough } from "node:stream"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { broken, fixed, renamed } from "../../lifetimes/spans.ts"
import { linesOf } from "../../recordings/recording.ts"
import { feed, scopeline } from "../../support/command.ts"

describe("scopeline diagnose -", () => {
  const start = Effect.fnUntraced(function* () {
    const stdin = new PassThrough()
    const command = yield* scopeline(["diagnose", "-", "--json"], { stdin })
    const ended = Effect.map(command.ended, (code) => ({
      code,
      document: JSON.parse(command.stdout()),
    }))
    return { stdin, command, ended }
  })

  it.live("reads standard input to its end", () =>
    Effect.gen(function* () {
      const { stdin, ended } = yield* start()
      stdin.end(linesOf(broken))
      expect(yield* ended).toMatchObject({
        code: 1,
        document: { traces: 1, spans: 6, exchangesJudged: 1, findings: [{ count: 1 }] },
      })
    }),
  )

  it.live("prints what was found so far when it is interrupted", () =>
    Effect.gen(function* () {
      const { stdin, command, ended } = yield* start()
      const many = Array.from({ length: 500 }, (_, n) => renamed(fixed, n))
      yield* feed(stdin, linesOf(broken) + linesOf(...many))
      command.signal("SIGINT")
      const { code, document } = yield* ended
      expect(code).toBe(1)
      expect(document).toMatchObject({ findings: [{ rule: "scope-closed-early", count: 1 }] })
      expect(document.notes[0]).toBe(
        "Reading was stopped before the end: this is what was found so far.",
      )
    }),
  )
})
