import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { whereFound } from "../../otel/lifetimes/where-found.ts"

describe("where something was found", () => {
  it.each(["GET", "GET /rec", "http.server GET"])(
    "is the exchange alone where its span, %s, says the same",
    (operation) => deepStrictEqual(whereFound({ route: "GET /rec", operation }), ["GET /rec"]),
  )

  it.each(["scope record", "client GET /rec", "GET /re", "handler", "G"])(
    "is the exchange and %s",
    (operation) =>
      deepStrictEqual(whereFound({ route: "GET /rec", operation }), ["GET /rec", operation]),
  )

  it("is a lifetime of the program alone", () => {
    deepStrictEqual(whereFound({ route: "", operation: "fiber poll" }), ["fiber poll"])
  })
})
