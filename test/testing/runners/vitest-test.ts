import { describe, it } from "@effect/vitest"
import { guarded } from "../../../otel/testing/index.ts"
import { asserting, leaking, tidy } from "./programs.ts"

describe.concurrent("two at once", () => {
  it.live("a program that leaks", () => leaking().pipe(guarded()))
  it.live("a program that fails by itself", () => asserting.pipe(guarded()))
  it.live("a program that is tidy", () => tidy.pipe(guarded()))
})
