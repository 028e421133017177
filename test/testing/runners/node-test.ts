import { describe, test } from "node:test"
import { runGuarded } from "../../../otel/testing/index.ts"
import { asserting, leaking, tidy } from "./programs.ts"

describe("two at once", { concurrency: 2 }, () => {
  test("a program that leaks", () => runGuarded(leaking()))
  test("a program that fails by itself", () => runGuarded(asserting))
  test("a program that is tidy", () => runGuarded(tidy))
})
