import { describe, it } from "@effect/vitest"
import { expectBrokenAlone } from "./broken-alone.ts"
import { asWebHandler, onNode } from "./places.ts"

describe("a program with nothing but the Layer", () => {
  it.live("is told on Node which scope its body needed, and nothing else", () =>
    expectBrokenAlone(onNode),
  )

  it.live("is told the same as a web handler", () => expectBrokenAlone(asWebHandler))
})
