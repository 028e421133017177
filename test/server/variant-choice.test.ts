import { describe, expect, it } from "@effect/vitest"
import { ConfigProvider, Effect } from "effect"
import { variantFromEnvironment } from "../../src/server/variant.ts"
import type { VariantName } from "../../src/server/variant-name.ts"
import { scopeline, served } from "../support/command.ts"

const chosenBy = (environment: Record<string, string>) =>
  variantFromEnvironment.pipe(
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: environment }))),
  )

const runs = (address: string) =>
  Effect.promise(async (signal) => {
    const response = await fetch(`${address}/health`, { signal })
    return await response.json()
  })

describe("FIXED_SSE", () => {
  it.effect.each<{ readonly value: string; readonly variant: VariantName }>([
    { value: "1", variant: "fixed" },
    { value: "true", variant: "fixed" },
    { value: "0", variant: "broken" },
    { value: "false", variant: "broken" },
    { value: "", variant: "broken" },
  ])('set to "$value" asks for the $variant stream', ({ value, variant }) =>
    Effect.gen(function* () {
      expect(yield* chosenBy({ FIXED_SSE: value })).toBe(variant)
    }),
  )

  it.effect("asks for the broken stream where it is not set", () =>
    Effect.gen(function* () {
      expect(yield* chosenBy({})).toBe("broken")
    }),
  )

  it.effect.each(["yes", "2", "TRUE", " 1", "fixed", "constructor", "__proto__"])(
    'is not understood as "%s"',
    (value) =>
      Effect.gen(function* () {
        const { _tag } = yield* Effect.flip(chosenBy({ FIXED_SSE: value }))
        expect(_tag).toBe("VariantError")
      }),
  )
})

describe.concurrent("scopeline serve", () => {
  it.live(
    "ends with 2 and one line with the variable and its values when FIXED_SSE is none of them",
    () =>
      Effect.gen(function* () {
        const server = yield* scopeline(["serve", "--port", "0"], {
          variables: { FIXED_SSE: "maybe" },
        })
        expect(yield* server.ended).toBe(2)
        expect(server.stdout()).toBe("")
        expect(server.stderr()).toMatch(
          /^FIXED_SSE="maybe" .*\b1\b.*\btrue\b.*\b0\b.*\bfalse\b.*\n$/,
        )
      }),
    30_000,
  )

  it.live(
    "runs the broken stream by default, and says so with the way to the fixed one",
    () =>
      Effect.gen(function* () {
        const server = yield* served()
        expect(yield* runs(server.address)).toMatchObject({ variant: "broken" })
        expect(server.stdout()).toMatch(/^Listening on \S+, broken stream \(FIXED_SSE=1 fixes it\)/)
      }),
    30_000,
  )

  it.live(
    "runs the fixed stream with FIXED_SSE=1, and says so",
    () =>
      Effect.gen(function* () {
        const server = yield* served([], { FIXED_SSE: "1" })
        expect(yield* runs(server.address)).toMatchObject({ variant: "fixed" })
        expect(server.stdout()).toMatch(/^Listening on \S+, fixed stream;/)
      }),
    30_000,
  )

  it.live.each(["0", "maybe"])(
    "runs the fixed stream with --fixed, whatever FIXED_SSE=%s says",
    (value) =>
      Effect.gen(function* () {
        const server = yield* served(["--fixed"], { FIXED_SSE: value })
        expect(yield* runs(server.address)).toMatchObject({ variant: "fixed" })
        expect(server.stdout()).toMatch(/^Listening on \S+, fixed stream;/)
      }),
    30_000,
  )
})
