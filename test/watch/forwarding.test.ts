import type { ServerResponse } from "node:http"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { decodeJson } from "../../src/otlp/export-request.ts"
import { forwardTo } from "../../src/watch/forwarding.ts"
import { hexOf, spanOf } from "../otlp/spans.ts"
import { eventually } from "../support/eventually.ts"
import { listening } from "../support/jaeger-stand-in.ts"
import { refusingAddress } from "../support/silent-server.ts"

type Reply = (response: ServerResponse, request: number) => void

/** A receiver that answers as it is told to, and how many spans each request had. */
const receiver = Effect.fnUntraced(function* (reply: Reply) {
  const sizes: Array<number> = []
  const address = yield* listening((request, response) => {
    let body = ""
    request.setEncoding("utf8")
    request.on("data", (text: string) => {
      body += text
    })
    request.on("end", () => {
      sizes.push(Effect.runSync(decodeJson(body)).spans.length)
      reply(response, sizes.length)
    })
  })
  return { address, sizes }
})

const forwardingTo = (address: string) => forwardTo({ url: `${address}/v1/traces`, headers: {} })

const spans = (...numbers: ReadonlyArray<number>) =>
  numbers.map((number) => spanOf({ spanId: hexOf(number, 16) }))

const taking: Reply = (response) => response.end("{}")

describe("spans that are sent on", () => {
  it.live("arrive before the end, as slow as their receiver is", () =>
    Effect.gen(function* () {
      const { address, sizes } = yield* receiver((response) => setTimeout(taking, 200, response))
      const forwarding = yield* forwardingTo(address)
      forwarding.add(spans(1))
      yield* eventually(
        Effect.sync(() => sizes),
        ({ length }) => length === 1,
      )
      forwarding.add(spans(2, 3))
      yield* forwarding.finish
      expect(sizes).toEqual([1, 2])
      expect(forwarding.notes()).toEqual([])
    }),
  )

  it.live("are counted where their receiver says nothing until the end", () =>
    Effect.gen(function* () {
      const { address } = yield* receiver(() => {})
      const forwarding = yield* forwardingTo(address)
      forwarding.add(spans(1, 2))
      yield* forwarding.finish
      expect(forwarding.notes()).toEqual([
        `2 spans were not sent on to ${new URL(address).host} (it had not taken them when the program ended).`,
      ])
    }),
  )

  it.live("are counted where no receiver is there, and nobody waits for one", () =>
    Effect.gen(function* () {
      const address = yield* refusingAddress
      const { host } = new URL(address)
      const forwarding = yield* forwardingTo(address)
      forwarding.add(spans(1, 2))
      yield* eventually(Effect.sync(forwarding.notes), (notes) =>
        notes.some((note) =>
          /takes no spans now \(connect ECONNREFUSED .*\): 2 spans wait to be sent on\.$/.test(
            note,
          ),
        ),
      )
      yield* forwarding.finish
      expect(forwarding.notes()).toEqual([
        expect.stringMatching(
          new RegExp(`^2 spans were not sent on to ${host} \\(connect ECONNREFUSED .*\\)\\.$`),
        ),
      ])
    }),
  )

  it.live("are counted as soon as more come than may wait for a receiver that is not there", () =>
    Effect.gen(function* () {
      const address = yield* refusingAddress
      const forwarding = yield* forwardingTo(address)
      const large = { attributes: { padding: "x".repeat(1024 * 1024) } }
      for (let number = 1; number <= 40; number++) {
        forwarding.add([spanOf({ spanId: hexOf(number, 16), ...large })])
      }
      const { host } = new URL(address)
      const lost = new RegExp(`^\\d spans were not sent on to ${host} \\(.+\\)\\.$`)
      expect(forwarding.notes()).toContainEqual(expect.stringMatching(lost))
      yield* forwarding.finish
      expect(forwarding.notes()).toEqual([expect.stringMatching(/^40 spans were not sent on /)])
    }),
  )

  it.live("are not sent again where they were refused, and those behind them go on", () =>
    Effect.gen(function* () {
      const { address, sizes } = yield* receiver((response, request) => {
        response.statusCode = request === 1 ? 400 : 200
        response.end("{}")
      })
      const forwarding = yield* forwardingTo(address)
      forwarding.add(spans(1))
      yield* eventually(
        Effect.sync(() => sizes),
        ({ length }) => length === 1,
      )
      forwarding.add(spans(2, 3))
      yield* forwarding.finish
      expect(sizes).toEqual([1, 2])
      expect(forwarding.notes()).toEqual([
        `1 span was not sent on to ${new URL(address).host} (400 Bad Request).`,
      ])
    }),
  )

  it.live("are counted where their receiver took a part of them", () =>
    Effect.gen(function* () {
      const partialSuccess = { rejectedSpans: "2", errorMessage: "too old" }
      const { address } = yield* receiver((response) =>
        response.end(JSON.stringify({ partialSuccess })),
      )
      const forwarding = yield* forwardingTo(address)
      forwarding.add(spans(1, 2, 3))
      yield* forwarding.finish
      expect(forwarding.notes()).toEqual([
        `2 spans were not sent on to ${new URL(address).host} (too old).`,
      ])
    }),
  )
})
