import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { codeBehind } from "../../otel/lifetimes/code-behind.ts"
import { codeEvidence } from "../../otel/lifetimes/code-evidence.ts"
import { exchange, fiber, finalizer, scope, subscription } from "./exchange.ts"

const code = { function: "loadConfig", file: "/app/config.ts", line: 11 }
const elsewhere = { function: "subscribe", file: "/app/bus.ts", line: 7 }
const config = scope("config", [0.1, 0.2], { code })

const judged = exchange([0, 5], {
  scopes: [scope("request", [0, 5]), config],
  subscriptions: [subscription(config, [0.1, 0.2])],
  orphans: [fiber([0.2], { code: elsewhere })],
  finalizers: [finalizer([0.1])],
})

const behind = (...spanIds: ReadonlyArray<string>) => codeBehind({}, spanIds, judged)

describe("the place in the code of a finding is", () => {
  it("that of the scope, the fiber or the finalizer which it names", () => {
    deepStrictEqual(behind("config"), code)
    deepStrictEqual(behind("report"), elsewhere)
    deepStrictEqual(behind("openSession")?.function, "openSession")
  })

  it("that of the scope which owns the subscription that it names", () => {
    deepStrictEqual(behind("bus"), code)
  })

  it("rather where the subscription itself was acquired", () => {
    const acquired = {
      ...judged,
      subscriptions: [subscription(config, [0.1], { code: elsewhere })],
    }
    deepStrictEqual(codeBehind({}, ["bus"], acquired), elsewhere)
  })

  it("what its rule says, whatever it names", () => {
    deepStrictEqual(codeBehind(codeEvidence(elsewhere), ["config"], judged), elsewhere)
  })

  it("unknown where it names none of these: a scope of its exchange may have nothing to do with it", () => {
    deepStrictEqual(behind("event"), undefined)
  })
})
