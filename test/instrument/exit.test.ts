import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { endedAsHandler, failureOf, handsOut } from "../../otel/instrument/records/exit.ts"

const response = HttpServerResponse.empty()

class NotFound extends Schema.TaggedError<NotFound>()("NotFound", {}) {}

describe("the failure of an exit", () => {
  it("says an error without a message by its name", () => {
    const failure = { type: "NotFound", message: "NotFound", defect: false }
    deepStrictEqual(failureOf(Exit.fail(new NotFound())), failure)
  })
})

describe("what a scope enclosed", () => {
  it("hands out a stream, a response with one, or either in a tuple", () => {
    const streamed = HttpServerResponse.stream(Stream.empty)
    const values = [Stream.empty, streamed, [1, Stream.empty], response, [1, 2], undefined]
    deepStrictEqual(
      values.map((value) => handsOut(Exit.succeed(value))),
      [true, true, true, false, false, false],
    )
  })

  it("hands out the answer of another server, which is read later", () => {
    const asked = HttpClientRequest.get("http://127.0.0.1/")
    const answer = HttpClientResponse.fromWeb(asked, new Response("news"))
    deepStrictEqual(handsOut(Exit.succeed(answer)), true)
  })

  it("may have given a million rows: not all are looked at", () => {
    let looks = 0
    const rows = new Proxy(Array.from({ length: 1_000_000 }, String), {
      get: (all, key) => {
        looks++
        return Reflect.get(all, key)
      },
    })
    deepStrictEqual([handsOut(Exit.succeed(rows)), looks < 100], [false, true])
  })
})

describe("a fiber ended as a handler does", () => {
  const endedWith = (value: unknown) =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Effect.succeed(value), { startImmediately: true })
      return endedAsHandler(fiber)
    })

  it.effect("where it gave a response, also within an Option or an Exit", () =>
    Effect.gen(function* () {
      const values = [response, Exit.succeed(response), { value: 1 }]
      deepStrictEqual(yield* Effect.forEach(values, endedWith), [true, true, false])
    }),
  )

  it.effect("and what else it gave is not asked for anything", () =>
    Effect.gen(function* () {
      let asked = 0
      const signal = {
        get value() {
          asked++
          return response
        },
      }
      deepStrictEqual([yield* endedWith(signal), asked], [false, 0])
    }),
  )
})
