import { describe, expect, it } from "vitest"
import {
  type FindingIdentity,
  type KnownFinding,
  knownFindingOf,
  notFoundOf,
  reasonFor,
} from "../../src/recordings/known-findings.ts"

const finding: FindingIdentity = {
  rule: "scope-pile-up",
  route: "GET /event",
  operation: "finalizer openSession",
  code: { function: "openSession", file: "file:///app/src/session.ts", line: 24 },
}

const known = (parts: Omit<KnownFinding, "reason">): KnownFinding => ({
  ...parts,
  reason: "kept for each tenant",
})

describe("a finding is known", () => {
  it.each<[string, Omit<KnownFinding, "reason">]>([
    ["its rule", { rule: "scope-pile-up" }],
    ["its route", { route: "GET /event" }],
    ["its function", { function: "openSession" }],
    ["its file from the root of the project", { file: "src/session.ts" }],
    ["its whole path", { file: "/app/src/session.ts" }],
    ["all that is given", { rule: "scope-pile-up", route: "GET /event", file: "./src/session.ts" }],
  ])("by %s", (_, parts) => {
    expect(reasonFor([known(parts)], finding)).toBe("kept for each tenant")
  })

  it.each<[string, Omit<KnownFinding, "reason">]>([
    ["another rule", { rule: "orphan-fiber", route: "GET /event" }],
    ["another route", { rule: "scope-pile-up", route: "GET /events" }],
    ["another operation", { operation: "finalizer open" }],
    ["another function", { function: "open" }],
    ["a file whose name only ends alike", { file: "ion.ts" }],
  ])("not by %s", (_, parts) => {
    expect(reasonFor([known(parts)], finding)).toBeUndefined()
  })

  it("not by a place where none is known of it", () => {
    expect(reasonFor([known({ file: "src/session.ts" })], { ...finding, code: undefined })).toBe(
      undefined,
    )
  })

  it("by the entry that was written for it, which accepts no other", () => {
    const entry = knownFindingOf(finding, "/app", "known since today")
    expect(entry).toEqual({
      rule: "scope-pile-up",
      route: "GET /event",
      operation: "finalizer openSession",
      function: "openSession",
      file: "src/session.ts",
      reason: "known since today",
    })
    expect(reasonFor([entry], finding)).toBe("known since today")
    expect(reasonFor([entry], { ...finding, operation: "finalizer other" })).toBeUndefined()
  })
})

it("an entry of which nothing was found is told apart from the others", () => {
  const gone = known({ rule: "orphan-fiber" })
  expect(notFoundOf([known({ rule: "scope-pile-up" }), gone], [finding])).toEqual([gone])
})
