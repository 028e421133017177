import { ok, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Receiver } from "../../src/collector/receiver.ts"
import { encodeJson } from "../../src/otlp/encode.ts"
import { spanOf } from "../otlp/spans.ts"
import { eventually } from "../support/eventually.ts"
import { RawClient } from "../support/raw-client.ts"
import { type Answer, post, receiver } from "./post.ts"

const MiB = 1024 * 1024

/** Announces more than it sends, and then sends nothing any more. */
const stalledSender = Effect.fnUntraced(function* (url: string, sent: number) {
  const client = yield* RawClient.connect(url)
  client.socket.write(
    "POST /v1/traces HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n" +
      `content-length: ${2 * MiB}\r\n\r\n`,
  )
  yield* Effect.callback<void>((resume) => {
    client.socket.write(" ".repeat(sent), () => resume(Effect.void))
  })
  return client
})

const stalledSenders = Effect.fnUntraced(function* (count: number, sent: number) {
  const { url } = yield* Receiver
  return yield* Effect.forEach(Array.from({ length: count }), () => stalledSender(url, sent), {
    concurrency: 16,
  })
})

describe("senders that have stalled", () => {
  it.live("do not shut others out, however many there are", () =>
    Effect.gen(function* () {
      yield* stalledSenders(1_100, 1)
      strictEqual((yield* post(encodeJson([spanOf()]))).status, 200)
    }).pipe(Effect.provide(receiver)),
  )

  it.live("give their room to others, and are told so", () =>
    Effect.gen(function* () {
      const stalled = yield* stalledSenders(64, MiB)
      const body = encodeJson([spanOf()]) + " ".repeat(8 * MiB)
      yield* eventually(post(body), ({ status }) => status === 200, "10 seconds")
      const told = stalled.filter(({ received }) => received.startsWith("HTTP/1.1 429 "))
      ok(told.length >= 1 && told.length < 64, `${told.length}`)
    }).pipe(Effect.provide(receiver)),
  )
})

const isRefused = ({ status }: Answer) => status === 429

describe("more at once than there is room for", () => {
  it.live("is answered 429 with Retry-After, whoever is still sending", () =>
    Effect.gen(function* () {
      const body = encodeJson([spanOf()]) + " ".repeat(30 * MiB)
      const fourAtOnce = Effect.forEach([1, 2, 3, 4], () => post(body), {
        concurrency: "unbounded",
      })
      // On a busy machine one body may have been read before the next has come.
      const answers = yield* eventually(fourAtOnce, (all) => all.some(isRefused), "20 seconds")
      const refused = answers.filter(isRefused)
      ok(refused.length < 4, `${refused.length}`)
      for (const { headers, text } of refused) {
        strictEqual(headers.get("retry-after"), "1")
        strictEqual(JSON.parse(text).code, 8)
      }
      strictEqual((yield* post(body)).status, 200)
    }).pipe(Effect.provide(receiver)),
  )
})
