import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { served } from "../support/command.ts"
import { exchange } from "../support/exchange.ts"
import { listening } from "../support/jaeger-stand-in.ts"
import { signalsReachProcesses, stop } from "../support/stop.ts"

/** What a server says at its end whose collector gives this answer to each request. */
const toldWith = Effect.fnUntraced(function* (status: number, said: string) {
  const collector = yield* listening((request, response) => {
    request.resume().on("end", () => response.writeHead(status).end(said))
  })
  const server = yield* served(["--fixed"], { OTEL_EXPORTER_OTLP_ENDPOINT: collector })
  yield* exchange(server.address)
  const { code } = yield* stop(server)
  expect(code, server.output()).toBe(0)
  return server.stderr()
})

describe.runIf(signalsReachProcesses)("spans are told to be lost", () => {
  it.live("that a collector rejects of those it takes", () =>
    Effect.gen(function* () {
      const partialSuccess = { rejectedSpans: "2", errorMessage: "too old" }
      expect(yield* toldWith(200, JSON.stringify({ partialSuccess }))).toMatch(
        /^\d+ spans were lost: the collector at \S+ rejected them, and took the others \(too old\)\./m,
      )
    }),
  )

  it.live("that it refuses, with what helps", () =>
    Effect.gen(function* () {
      expect(yield* toldWith(413, "")).toMatch(
        /^\d+ spans were lost: .* refused them \(413 Payload Too Large\)\. Lower OTEL_BSP_MAX_EXPORT_BATCH_SIZE\.$/m,
      )
    }),
  )
})
