import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import { layerEmbedded } from "../../src/collector/receiver.ts"
import { compareVariants } from "../../src/comparison/comparison.ts"
import { variantNames } from "../../src/server/variant-name.ts"
import { expectFindingSpans } from "../support/finding-spans.ts"

describe("the spans of what compare compares", () => {
  it.live(
    "tell each finding once, from its cause to its effect, and lead to what it is about",
    () =>
      Effect.gen(function* () {
        const compared = yield* compareVariants(variantNames)
        for (const { spans, diagnosis } of compared) expectFindingSpans(spans, diagnosis.findings)
        expect(compared.map(({ diagnosis }) => diagnosis.findings.length)).toEqual([1, 1, 1, 0])
      }).pipe(Effect.provide([layerEmbedded, FetchHttpClient.layer])),
  )

  it.live("tell the variant, on the span of the client too", () =>
    Effect.gen(function* () {
      for (const { spans, variant } of yield* compareVariants(["broken", "fixed"])) {
        const [client] = spans.filter(({ kind }) => kind === "client")
        expect(client?.attributes["scopeline.variant"]).toBe(variant)
      }
    }).pipe(Effect.provide([layerEmbedded, FetchHttpClient.layer])),
  )
})
