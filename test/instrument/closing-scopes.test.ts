import { strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import { ClosingScopes } from "../../otel/instrument/records/stopping.ts"

const [application, layer, job] = [{}, {}, {}]

describe("a server that interrupts a request", () => {
  it("began to wait with the finalizer before the one that interrupts", () => {
    const closing = new ClosingScopes()
    closing.begins(application, 1, 0)
    for (const at of [100, 200, 900]) closing.runs(application, at)
    strictEqual(closing.waitBegan(Cause.interrupt(1)), 200)
  })

  it("did not wait where the first finalizer interrupts", () => {
    const closing = new ClosingScopes()
    closing.begins(application, 1, 0)
    closing.runs(application, 900)
    strictEqual(closing.waitBegan(Cause.interrupt(1)), 900)
  })

  it("is in the innermost scope that the interrupting fiber closes", () => {
    const closing = new ClosingScopes()
    closing.begins(application, 1, 0)
    closing.runs(application, 100)
    closing.begins(layer, 1, 0)
    for (const at of [200, 900]) closing.runs(layer, at)
    strictEqual(closing.waitBegan(Cause.interrupt(1)), 200)
  })

  it("has nothing to do with a scope that another fiber closes", () => {
    const closing = new ClosingScopes()
    closing.begins(application, 1, 0)
    for (const at of [100, 900]) closing.runs(application, at)
    closing.begins(job, 2, 0)
    for (const at of [500, 600]) closing.runs(job, at)
    strictEqual(closing.waitBegan(Cause.interrupt(1)), 100)
  })

  it("may have forked who interrupts: then the last scope to begin is meant", () => {
    const closing = new ClosingScopes()
    closing.begins(job, 2, 0)
    closing.runs(job, 50)
    closing.begins(application, 1, 0)
    for (const at of [100, 900]) closing.runs(application, at)
    strictEqual(closing.waitBegan(Cause.interrupt(9)), 100)
  })

  it("is not concerned by a scope that has closed", () => {
    const closing = new ClosingScopes()
    closing.begins(application, 1, 0)
    closing.runs(application, 100)
    closing.ends(application)
    strictEqual(closing.waitBegan(Cause.interrupt(1)), undefined)
  })
})
