import { strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import { ClosingScopes } from "../../otel/instrument/records/stopping.ts"

const [application, layer, job] = [{}, {}, {}]

describe("a request that is interrupted", () => {
  it("was so because of the outermost scope that the interrupting fiber closes", () => {
    const closing = new ClosingScopes()
    closing.begins(application, 100, 1)
    closing.begins(layer, 200, 1)
    strictEqual(closing.beganFor(Cause.interrupt(1)), 100)
  })

  it("has nothing to do with a scope that another fiber closes", () => {
    const closing = new ClosingScopes()
    closing.begins(job, 50, 2)
    closing.begins(application, 100, 1)
    strictEqual(closing.beganFor(Cause.interrupt(1)), 100)
  })

  it("may be interrupted by a fork of who closes: then the last to begin is meant", () => {
    const closing = new ClosingScopes()
    closing.begins(job, 50, 2)
    closing.begins(application, 100, 1)
    closing.begins(layer, 200, 1)
    strictEqual(closing.beganFor(Cause.interrupt(9)), 100)
  })

  it("is not concerned by a scope that has closed", () => {
    const closing = new ClosingScopes()
    closing.begins(application, 100, 1)
    closing.ends(application)
    strictEqual(closing.beganFor(Cause.interrupt(1)), undefined)
  })
})
