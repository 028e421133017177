import { ok, strictEqual } from "node:assert"
import { gzipSync } from "node:zlib"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { encodeJson } from "../../src/otlp/encode.ts"
import { spanOf } from "../otlp/spans.ts"
import { post, receiver } from "./post.ts"

const MiB = 1024 * 1024

const padded = (size: number): string =>
  encodeJson([spanOf({ attributes: { padding: "x".repeat(size) } })])

describe("the limits of the receiver", () => {
  it.live("stop a gzip bomb with 413 before it is unpacked", () =>
    Effect.gen(function* () {
      const bomb = gzipSync(Buffer.alloc(256 * MiB))
      const before = process.memoryUsage.rss()
      const answer = yield* post(bomb, { coding: "gzip" })
      strictEqual(answer.status, 413)
      strictEqual(JSON.parse(answer.text).code, 8)
      ok(process.memoryUsage.rss() - before < 160 * MiB)
    }).pipe(Effect.provide(receiver)),
  )

  it.live("let a request of almost 32 MiB in, packed or not", () =>
    Effect.gen(function* () {
      const body = padded(31 * MiB)
      strictEqual((yield* post(body)).status, 200)
      strictEqual((yield* post(gzipSync(body), { coding: "gzip" })).status, 200)
    }).pipe(Effect.provide(receiver)),
  )

  it.live("answer 413 to more than 32 MiB, and to more than 4 MiB of gzip", () =>
    Effect.gen(function* () {
      strictEqual((yield* post(padded(32 * MiB))).status, 413)
      const stored = gzipSync(padded(5 * MiB), { level: 0 })
      const answer = yield* post(stored, { coding: "gzip" })
      strictEqual(answer.status, 413)
      ok(answer.text.includes("4 MiB"))
    }).pipe(Effect.provide(receiver)),
  )

  it.live("answer 413 to JSON that is millions of empty objects", () =>
    Effect.gen(function* () {
      const body = `{"resourceSpans":[${"{},".repeat(10 * MiB)}{}]}`
      const answer = yield* post(gzipSync(body), { coding: "gzip" })
      strictEqual(answer.status, 413)
    }).pipe(Effect.provide(receiver)),
  )
})
