import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { diagnosed, jaegerFixture, refused } from "../recording.ts"

const answer = (name: string): string => jaegerFixture(`2.20.0/${name}.json`)

const found = async (name: string) => {
  const { findings } = await diagnosed(answer(name))
  return findings.map(({ finding: { rule, count, message } }) => [rule, count, message])
}

const closedEarly = [
  "scope-closed-early",
  1,
  expect.stringMatching(/^Scope "handler" closed at 0\.69 ms and released subscription "bus"/),
]

describe("an answer of Jaeger 2.20", () => {
  it.effect.each([
    ["GetTrace-broken", [closedEarly]],
    ["GetTrace-fixed", []],
    ["FindTraces-finding", [closedEarly]],
    ["FindTraces-2", [closedEarly]],
  ] as const)("with traces is read as the traces: %s", ([name, findings]) =>
    Effect.promise(async () => {
      expect(await found(name)).toEqual(findings)
    }),
  )

  it.effect.each([
    "FindTraces-depth0",
    "FindTraces-depth-huge",
    "FindTraces-no-times",
    "FindTraces-none",
    "GetTrace-malformed",
    "GetTrace-unknown",
  ])("that is an error is called one: %s", (name) =>
    Effect.promise(async () => {
      expect(await refused(answer(name))).toContain("an error that Jaeger answered, not traces")
    }),
  )

  it.effect.each(["GetOperations", "GetServices"])("that is a list is called one: %s", (name) =>
    Effect.promise(async () => {
      expect(await refused(answer(name))).toContain("list of services or operations, not traces")
    }),
  )
})
