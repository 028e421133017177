import { describe, it } from "@effect/vitest"
import { onNode } from "./places.ts"
import { expectAllSpans, expectFewSpans } from "./span-policies.ts"

describe("the spans of an exchange", () => {
  it.live("are those of Effect's own tracing and at most one more, for an ordinary request", () =>
    expectFewSpans(onNode),
  )

  it.live("show everything of one that streams", () => expectAllSpans(onNode))
})
