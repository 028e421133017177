import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { diagnoseSource } from "../../src/recordings/diagnosis/diagnose-source.ts"
import { broken, fixed, renamed } from "../lifetimes/spans.ts"
import { found, linesOf, textSource } from "./recording.ts"

const text = linesOf(
  [...broken, ...renamed(broken, 1)].map((span) => ({ ...span, name: `${span.name} ⚡ é` })),
  renamed(fixed, 2),
)

describe("the pieces in which bytes come", () => {
  it("do not change what is found, wherever they are cut", async () => {
    const whole = await Effect.runPromise(diagnoseSource(textSource(text)))
    expect(whole.spans).toBe(18)
    for (const piece of [1, 7, 100, 1_000]) {
      const diagnosis = await Effect.runPromise(diagnoseSource(textSource(text, { piece })))
      expect(found(diagnosis)).toEqual(found(whole))
      expect(diagnosis.spans).toBe(whole.spans)
    }
  })
})
