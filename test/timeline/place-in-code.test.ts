import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { codeBehind } from "../../otel/timeline/place-in-code.ts"
import { exchange, scope, subscription } from "../lifetimes/exchange.ts"

const code = { function: "loadConfig", file: "/app/config.ts", line: 11 }
const config = scope("config", [0.1, 0.2], { code })

const judged = exchange([0, 5], {
  scopes: [scope("request", [0, 5]), config],
  subscriptions: [subscription(config, [0.1, 0.2])],
})

describe("the place in the code of a finding is", () => {
  it("that of the scope which it names", () => {
    deepStrictEqual(codeBehind(judged, ["config"]), code)
  })

  it("that of the scope which owns the subscription that it names", () => {
    deepStrictEqual(codeBehind(judged, ["bus"]), code)
  })

  it("unknown where it names neither: a scope of its exchange may have nothing to do with it", () => {
    deepStrictEqual(codeBehind(judged, ["event"]), undefined)
  })
})
