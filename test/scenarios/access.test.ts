import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { serving } from "../../src/scenarios/stage.ts"
import { asked } from "../support/asked.ts"

const routes = HttpRouter.add("GET", "/event", HttpServerResponse.text("answered"))

describe("the server of a scenario", () => {
  it.live.each(["/event", "/nowhere"])("refuses another name of this machine: %s", (path) =>
    Effect.gen(function* () {
      const address = yield* serving(routes)
      const headers = { host: "rebound.example" }
      expect((yield* asked(address + path, { method: "GET", headers })).status).toBe(403)
      expect((yield* asked(`${address}/event`, { method: "GET" })).status).toBe(200)
    }),
  )
})
