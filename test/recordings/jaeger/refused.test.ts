import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { FetchHttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { fetchServices, fetchTrace } from "../../../src/recordings/jaeger/client.ts"
import { listening } from "../../support/jaeger-stand-in.ts"
import { answering, sentTrace } from "./answers.ts"

describe("an address that gives no trace", () => {
  it.live("is named when nothing listens there", () =>
    Effect.gen(function* () {
      const address = yield* Effect.scoped(listening(answering(200, "text/plain", "")))
      const error = yield* Effect.flip(fetchServices(address))
      expect(error._tag).toBe("JaegerUnreachable")
      expect(error.message).toMatch(
        new RegExp(`^Jaeger at ${address} cannot be reached: .*ECONNREFUSED.*$`),
      )
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )

  it.live("is named when it is no address", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(fetchServices("jaeger, please"))
      expect(error.message).toMatch(/^Jaeger at jaeger, please cannot be reached: .+$/)
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )

  it.live.each([
    { what: "a page", listener: answering(200, "text/html", "<html></html>") },
    { what: "other JSON", listener: answering(200, "application/json", '{"data":[]}') },
    { what: "a bare number", listener: answering(200, "application/json", "7") },
    { what: "a refusal", listener: answering(401, "application/json", "{}") },
    {
      what: "spans that are none",
      listener: answering(
        200,
        "application/json",
        '{"result":{"resourceSpans":[{"scopeSpans":7}]}}',
      ),
    },
  ])("is named when it answers with $what", ({ listener }) =>
    Effect.gen(function* () {
      const address = yield* listening(listener)
      const error = yield* Effect.flip(fetchTrace(address, sentTrace))
      expect(error._tag).toBe("NotJaeger")
      expect(error.message.startsWith(`${address} does not answer`)).toBe(true)
      expect(error.message).not.toContain("\n")
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )

  it.live("is quoted when it says why it refuses", () =>
    Effect.gen(function* () {
      const reason = '{"error":{"httpCode":500,"message":"the store\\nis \\u001b[31mdown"}}'
      const address = yield* listening(answering(500, "text/plain", reason))
      const { message } = yield* Effect.flip(fetchServices(address))
      expect(message).toBe(
        `Jaeger at ${address} cannot be reached: it answered 500, "the store\\nis \\u001b[31mdown"`,
      )
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )

  it.live("is refused when its answer is larger than 64 MiB", () =>
    Effect.gen(function* () {
      const megabyte = Buffer.alloc(1024 * 1024, " ")
      const address = yield* listening((_, response) => {
        let left = 65
        const write = () => {
          while (left > 0) {
            left--
            if (!response.write(megabyte)) return
          }
          response.end()
        }
        response.on("drain", write)
        write()
      })
      const error = yield* Effect.flip(fetchTrace(address, sentTrace))
      expect(error.message).toContain("the answer is larger than 64 MiB")
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )

  it.effect("is given up on when it does not answer for 10 seconds", () =>
    Effect.gen(function* () {
      const reached = yield* Deferred.make<void>()
      const address = yield* listening(() => {
        Effect.runFork(Deferred.succeed(reached, undefined))
      })
      const asking = yield* Effect.forkChild(Effect.flip(fetchServices(address)))
      yield* Deferred.await(reached)
      yield* TestClock.adjust("10 seconds")
      const error = yield* Fiber.join(asking)
      expect(error.message).toBe(
        `Jaeger at ${address} cannot be reached: no answer within 10 seconds`,
      )
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )
})
