import { ok, strictEqual } from "node:assert"
import { connect, type Socket } from "node:net"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { Receiver } from "../../src/collector/receiver.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { encodeJson } from "../../src/otlp/encode.ts"
import { spanOf } from "../otlp/spans.ts"
import { post, receiver } from "./post.ts"

const open = (url: string) =>
  Effect.callback<Socket>((resume) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () =>
      resume(Effect.succeed(socket)),
    )
    // A socket that is not read does not see its end.
    socket.resume().on("error", () => undefined)
  })

const closed = (socket: Socket) =>
  Effect.callback<void>((resume) => {
    if (socket.closed) return resume(Effect.void)
    socket.on("close", () => resume(Effect.void))
  })

/** Builds a receiver, uses it, and gives the milliseconds that closing it took. */
const closingTime = <A, E>(use: (context: Receiver["Service"]) => Effect.Effect<A, E, Receiver>) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const context = yield* Layer.buildWithScope(receiver, scope)
    const kept = yield* Effect.flatMap(Receiver, use).pipe(Effect.provide(context))
    const start = performance.now()
    yield* Scope.close(scope, Exit.void)
    return { kept, millis: performance.now() - start }
  })

describe("closing the receiver", () => {
  it.live("is not held up by an exporter that keeps its connection", () =>
    Effect.gen(function* () {
      const { millis } = yield* closingTime(() => post(encodeJson([spanOf()])))
      ok(millis < 150, `${millis} ms`)
    }),
  )

  it.live("is not held up by a connection that never asked, nor by half a request", () =>
    Effect.gen(function* () {
      const { kept, millis } = yield* closingTime(({ url }) =>
        Effect.gen(function* () {
          const silent = yield* open(url)
          const half = yield* open(url)
          yield* post(encodeJson([spanOf()]))
          half.write(
            "POST /v1/traces HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n",
          )
          half.write("content-length: 100\r\n\r\n{")
          return [silent, half]
        }),
      )
      ok(millis < 1_000, `${millis} ms`)
      yield* Effect.forEach(kept, closed)
    }),
  )

  it.live("frees its port", () =>
    Effect.gen(function* () {
      const { kept } = yield* closingTime(({ url }) => Effect.succeed(Number(new URL(url).port)))
      const again = Receiver.layer({ host: "127.0.0.1", port: kept }).pipe(
        Layer.provide(TraceStore.layer()),
      )
      const { url } = yield* Receiver.pipe(Effect.provide(again))
      strictEqual(Number(new URL(url).port), kept)
    }),
  )
})

describe("a receiver on a port that is taken", () => {
  it.live("fails with what the system said", () =>
    Effect.gen(function* () {
      const { url } = yield* Receiver
      const second = Receiver.layer({ host: "127.0.0.1", port: Number(new URL(url).port) })
      const failure = yield* Effect.flip(
        Layer.build(Layer.fresh(second).pipe(Layer.provide(TraceStore.layer()))),
      )
      strictEqual(failure._tag, "ServeError")
      strictEqual(
        failure.cause instanceof Error && "code" in failure.cause && failure.cause.code,
        "EADDRINUSE",
      )
    }).pipe(Effect.provide(receiver)),
  )
})
