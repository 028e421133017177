import { deepStrictEqual } from "node:assert"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberMap from "effect/FiberMap"
import { ClientAbort } from "effect/http/HttpServerError"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Pool from "effect/Pool"
import * as PubSub from "effect/PubSub"
import * as RcMap from "effect/RcMap"
import * as RcRef from "effect/RcRef"
import * as Scope from "effect/Scope"
import * as ScopedCache from "effect/ScopedCache"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { vi } from "vitest"
import { openTable } from "../../otel/export/open-table.ts"
import {
  type Lifetimes,
  openNow,
  subscribeTraced,
  tracedPubSub,
  tracedScope,
} from "../../otel/index.ts"
import { Registry } from "../../otel/instrument/records/registry.ts"
import { answer, eventStream, type Handler } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

const grace = 1_000
const lifetimes = recorded({ grace })

const pass = (millis: number) => TestClock.adjust(millis)

const response = HttpServerResponse.empty()

/** So many requests one after the other, and then the grace period. */
const asked = (times: number, handler: Handler, path?: string) =>
  Effect.gen(function* () {
    for (let count = 0; count < times; count++) {
      yield* answer(handler, "GET", path)
      yield* pass(10)
    }
    yield* pass(2 * grace)
  })

/** So many clients that read the body until they leave. */
const watched = (times: number, handler: Handler) =>
  Effect.gen(function* () {
    for (let count = 0; count < times; count++) {
      const request = yield* Effect.forkDetach(answer(handler), { startImmediately: true })
      yield* pass(10)
      request.interruptUnsafe(undefined, ClientAbort.annotation)
      yield* Fiber.await(request)
    }
    yield* pass(2 * grace)
  })

const found = Effect.map(Recording, ({ findings }) =>
  findings.map(({ rule, operation }) => [rule, operation].join(" · ")),
)

const openSession = Effect.fn("openSession")(function* () {
  yield* Effect.addFinalizer(() => Effect.void)
})

const file = fileURLToPath(import.meta.url)

/** As the table tells where sessions are opened. */
const lineOfSession = `openSession, finalizers.test.ts:${
  readFileSync(file, "utf8")
    .split("\n")
    .findIndex((line) => line.startsWith("const openSession")) + 1
}`

const held = Effect.map(openNow, ({ finalizers }) =>
  finalizers.map(({ count, kind, name, scope, exchange }) =>
    [count, kind, name, scope, exchange].join(" · "),
  ),
)

type Program = Effect.Effect<void, unknown, Lifetimes | Recording | Registry | Scope.Scope>

class Server extends Context.Service<Server, Scope.Scope>()("test/Server") {}

/** A program with a scope of its own, under the Layer. */
const itInProgram = (title: string, program: (application: Scope.Scope) => Program) =>
  it.effect(title, () =>
    Effect.flatMap(Effect.scope, program).pipe(
      tracedScope("application", "application"),
      Effect.provide(lifetimes),
    ),
  )

const piled = "scope-pile-up · finalizer openSession"
const eight = Array.from({ length: 8 }, () => piled)

const heartbeat = Effect.fn("heartbeat")(function* (application: Scope.Scope) {
  yield* Effect.forkIn(Effect.never, application)
})

const endless = eventStream(Stream.never)

describe("what exchanges register in a scope of the program", () => {
  itInProgram("is found where eight leave a release at the same place", (application) =>
    Effect.gen(function* () {
      yield* asked(8, Effect.as(Scope.provide(openSession(), application), response))
      deepStrictEqual(yield* found, eight)
      deepStrictEqual(yield* held, ["8 · release · openSession · application · GET /event"])
    }),
  )

  itInProgram("is found where another that the same function registers is removed", (application) =>
    Effect.gen(function* () {
      const watch = Effect.fn("watch")(function* () {
        yield* Effect.forkIn(Effect.sleep("7 seconds"), application)
        yield* Effect.forkIn(Effect.never, application)
      })
      yield* asked(8, Effect.as(watch(), response))
      yield* TestClock.adjust("1 minute")
      deepStrictEqual(new Set(yield* found), new Set(["scope-pile-up · finalizer watch"]))
      deepStrictEqual(yield* held, ["8 · fiber · watch · application · GET /event"])
    }),
  )

  itInProgram("is not found where two do", (application) =>
    Effect.gen(function* () {
      yield* asked(2, Effect.as(Scope.provide(openSession(), application), response))
      deepStrictEqual(yield* found, [])
      deepStrictEqual(yield* held, ["2 · release · openSession · application · GET /event"])
    }),
  )

  itInProgram("is found where a handler without a name does it", (application) =>
    Effect.gen(function* () {
      yield* asked(8, Effect.as(Scope.addFinalizer(application, Effect.void), response))
      deepStrictEqual(new Set(yield* found), new Set(["scope-pile-up · finalizer GET /event"]))
    }),
  )

  itInProgram("is found in the scope that a Layer was built in", () =>
    Effect.gen(function* () {
      const layer = Layer.effect(Server, Effect.scope)
      const scope = Context.get(yield* Layer.build(layer), Server)
      yield* asked(8, Effect.as(Scope.provide(openSession(), scope), response))
      deepStrictEqual(yield* found, eight)
    }),
  )

  itInProgram("is found where the heartbeat of a stream outlives its client", (application) =>
    Effect.gen(function* () {
      yield* watched(8, Effect.as(heartbeat(application), endless))
      deepStrictEqual(new Set(yield* found), new Set(["scope-pile-up · finalizer heartbeat"]))
      deepStrictEqual(yield* held, ["8 · fiber · heartbeat · application · GET /event"])
    }),
  )

  itInProgram(
    "is one finding of an exchange where one function leaves more than one",
    (application) =>
      Effect.gen(function* () {
        const both = Effect.fn("openSession")(function* () {
          yield* Scope.addFinalizer(application, Effect.void)
          yield* Effect.forkIn(Effect.never, application)
        })
        yield* watched(8, Effect.as(both(), endless))
        deepStrictEqual(yield* found, eight)
      }),
  )

  itInProgram("is found where three left it when its scope closed", () =>
    Effect.gen(function* () {
      const program = Effect.flatMap(Effect.scope, (application) =>
        asked(3, Effect.as(Scope.provide(openSession(), application), response)),
      )
      yield* Effect.scoped(
        Effect.andThen(
          program,
          Effect.map(found, (it) => deepStrictEqual(it, [])),
        ),
      )
      deepStrictEqual(yield* found, eight.slice(0, 3))
    }),
  )

  itInProgram("is not found where half of the requests leave nothing", (application) =>
    Effect.gen(function* () {
      let requests = 0
      const openTenant = Effect.suspend(() =>
        ++requests <= 8 ? Scope.provide(openSession(), application) : Effect.void,
      )
      yield* asked(16, Effect.as(openTenant, response))
      deepStrictEqual(yield* found, [])
      deepStrictEqual(yield* held, ["8 · release · openSession · application · GET /event"])
    }),
  )

  itInProgram("is told as a lifetime of its exchange when the program stops", () =>
    Effect.gen(function* () {
      const program = Effect.flatMap(Effect.scope, (application) =>
        asked(3, Effect.as(Scope.provide(openSession(), application), response)),
      )
      yield* Effect.scoped(program)
      const { ended } = yield* Recording
      deepStrictEqual(
        ended.flatMap((record) =>
          record.kind === "finalizer" ? [[record.name, record.left, record.removed]] : [],
        ),
        [1, 2, 3].map(() => ["openSession", 3, false]),
      )
    }),
  )

  itInProgram(
    "is told with all that were left when the program stops, not only with those that it has stopped",
    () =>
      Effect.gen(function* () {
        const program = Effect.flatMap(Effect.scope, (application) =>
          asked(5, Effect.as(heartbeat(application), response)),
        )
        yield* Effect.andThen(program, pass(5 * grace)).pipe(Effect.scoped)
        const { findings } = yield* Recording
        deepStrictEqual(
          findings.map(({ evidence }) => evidence["exchanges.left_one"]),
          [5, 5, 5, 5, 5],
        )
      }),
  )

  itInProgram("costs no more for each, the more of it one scope closes with", () =>
    Effect.gen(function* () {
      const { finalizers } = yield* Registry
      const looks = vi.spyOn(finalizers, "count")
      const program = Effect.flatMap(Effect.scope, (application) =>
        Effect.repeat(answer(Effect.as(Scope.provide(openSession(), application), response)), {
          times: 199,
        }),
      )
      yield* Effect.scoped(program)
      deepStrictEqual(looks.mock.calls.length < 5 * 200, true)
    }),
  )

  itInProgram(
    "stays in the table of what is open, beside fibers that nothing owns",
    (application) =>
      Effect.gen(function* () {
        const handler = Effect.andThen(
          Scope.provide(openSession(), application),
          Effect.forkDetach(Effect.withSpan(Effect.never, "report")),
        )
        yield* asked(2, Effect.as(handler, response))
        const [, , , ...lines] = openTable(yield* openNow)
          .trimEnd()
          .split("\n")
        deepStrictEqual(
          lines.map((line) => line.replace(/\d+\.\d+ s/, "AGE").split(/ {2,}/)),
          [
            ["fiber", "report", "AGE", "GET /event", "nothing owns it"],
            ["fiber", "report", "AGE", "GET /event", "nothing owns it"],
            ["2 × release", lineOfSession, "AGE", "GET /event", "in scope application"],
          ],
        )
      }),
  )

  itInProgram("is counted and not kept where there are thousands", (application) =>
    Effect.gen(function* () {
      yield* asked(1_100, Effect.as(Scope.provide(openSession(), application), response))
      deepStrictEqual(yield* held, ["1100 · release · openSession · application · GET /event"])
      deepStrictEqual([...(yield* Registry).finalizers].length, 1_000)
    }),
  )

  itInProgram("is forgotten as soon as it is removed", (application) =>
    Effect.gen(function* () {
      yield* asked(300, Effect.as(Effect.forkIn(Effect.void, application), response))
      yield* asked(
        300,
        Effect.as(
          Effect.flatMap(Scope.fork(application), (scope) => Scope.close(scope, Exit.void)),
          response,
        ),
      )
      deepStrictEqual(yield* held, [])
      deepStrictEqual(yield* found, [])
    }),
  )
})

describe("subscription-leak speaks alone", () => {
  itInProgram("where a traced subscription is left", (application) =>
    Effect.gen(function* () {
      const bus = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
      const subscribe = Effect.fn("subscribe")(function* () {
        return Stream.fromSubscription(yield* subscribeTraced(bus))
      })
      yield* watched(4, Effect.map(Scope.provide(subscribe(), application), eventStream))
      yield* PubSub.publish(bus, 1)
      yield* pass(2 * grace)
      deepStrictEqual(new Set(yield* found), new Set(["subscription-leak · subscription bus"]))
      deepStrictEqual(yield* held, [])
    }),
  )

  itInProgram("where a heartbeat is left with it", (application) =>
    Effect.gen(function* () {
      const bus = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
      const handler = Effect.gen(function* () {
        yield* heartbeat(application)
        return eventStream(
          Stream.fromSubscription(yield* Scope.provide(subscribeTraced(bus), application)),
        )
      })
      yield* watched(4, handler)
      yield* PubSub.publish(bus, 1)
      yield* pass(9 * grace)
      deepStrictEqual(new Set(yield* found), new Set(["subscription-leak · subscription bus"]))
    }),
  )
})

describe("nothing is found where", () => {
  const isHealthy = (title: string, program: (application: Scope.Scope) => Program) =>
    itInProgram(title, (application) =>
      Effect.gen(function* () {
        yield* program(application)
        yield* pass(3 * grace)
        deepStrictEqual(yield* found, [])
      }),
    )

  const acquire = Effect.acquireRelease(Effect.succeed(1), () => Effect.void)

  isHealthy("the first request acquires a singleton for all", (application) =>
    Effect.gen(function* () {
      const session = yield* Effect.cached(Scope.provide(openSession(), application))
      yield* asked(5, Effect.as(session, response))
    }),
  )

  isHealthy("each of many servers keeps what its first request acquires", () =>
    Effect.gen(function* () {
      for (let count = 0; count < 12; count++) {
        const context = yield* Layer.build(Layer.fresh(Layer.effect(Server, Effect.scope)))
        const session = Scope.provide(openSession(), Context.get(context, Server))
        yield* asked(1, Effect.as(session, response))
      }
    }),
  )

  isHealthy("each request acquires in its own scope", () =>
    asked(5, Effect.as(openSession(), response)),
  )

  isHealthy("each request has a connection scope of the program, which it closes", (application) =>
    asked(
      5,
      Effect.gen(function* () {
        const connection = yield* Effect.acquireRelease(Scope.fork(application), Scope.close)
        yield* Scope.provide(openSession(), connection)
        return response
      }),
    ),
  )

  isHealthy("requests open sessions that other requests close", (application) =>
    Effect.gen(function* () {
      const sessions: Array<Scope.Closeable> = []
      const login = Effect.gen(function* () {
        const session = yield* Scope.fork(application)
        yield* Scope.provide(openSession(), session)
        sessions.push(session)
        return response
      })
      yield* asked(5, login)
      yield* asked(
        5,
        Effect.suspend(() =>
          Effect.as(Scope.close(sessions.pop() ?? Scope.makeUnsafe(), Exit.void), response),
        ),
      )
    }),
  )

  isHealthy("sessions stay open", (application) =>
    asked(
      5,
      Effect.gen(function* () {
        const session = yield* Scope.fork(application)
        yield* Scope.provide(openSession(), session)
        return response
      }),
    ),
  )

  isHealthy("an RcMap keeps what nobody uses for a while", () =>
    Effect.gen(function* () {
      let key = 0
      const map = yield* RcMap.make({ lookup: (_: number) => acquire, idleTimeToLive: "1 hour" })
      const handler = Effect.as(Effect.scoped(RcMap.get(map, key++)), response)
      yield* asked(
        5,
        Effect.suspend(() => Effect.as(RcMap.get(map, key++), response)),
      )
      yield* asked(5, handler)
      yield* watched(
        5,
        Effect.sync(() =>
          eventStream(
            Stream.unwrap(
              Effect.map(RcMap.get(map, key++), () => Stream.concat(Stream.make(1), Stream.never)),
            ),
          ),
        ),
      )
    }),
  )

  isHealthy("an RcRef keeps what nobody uses for a while", () =>
    Effect.gen(function* () {
      const ref = yield* RcRef.make({ acquire, idleTimeToLive: "1 hour" })
      yield* asked(5, Effect.as(RcRef.get(ref), response))
      yield* asked(5, Effect.as(Effect.scoped(RcRef.get(ref)), response))
    }),
  )

  isHealthy("requests take from a pool of the program", () =>
    Effect.gen(function* () {
      const pool = yield* Pool.makeWithTTL({ acquire, min: 0, max: 8, timeToLive: "1 hour" })
      yield* watched(5, Effect.as(Pool.get(pool), endless))
    }),
  )

  isHealthy("a cache keeps what requests looked up", () =>
    Effect.gen(function* () {
      let key = 0
      const cache = yield* ScopedCache.make({
        lookup: (_: number) => acquire,
        capacity: 8,
        timeToLive: "1 hour",
      })
      yield* asked(
        5,
        Effect.suspend(() => Effect.as(ScopedCache.get(cache, key++), response)),
      )
    }),
  )

  isHealthy("requests start jobs in a FiberMap of the program", () =>
    Effect.gen(function* () {
      let key = 0
      const jobs = yield* FiberMap.make<number>()
      yield* asked(
        5,
        Effect.suspend(() => Effect.as(FiberMap.run(jobs, key++, Effect.never), response)),
      )
    }),
  )

  isHealthy("requests start work in the program's scope, which ends by itself", (application) =>
    asked(5, Effect.as(Effect.forkIn(Effect.sleep(4 * grace), application), response)),
  )

  isHealthy("requests share a stream of the program", () =>
    Effect.gen(function* () {
      const shared = yield* Stream.share(Stream.never, { capacity: 16, idleTimeToLive: "1 hour" })
      yield* watched(5, Effect.succeed(eventStream(shared)))
    }),
  )

  isHealthy("each route acquires its own singleton", (application) =>
    Effect.gen(function* () {
      for (const path of ["/a", "/b", "/c"]) {
        yield* asked(1, Effect.as(Scope.provide(acquire, application), response), path)
      }
    }),
  )
})
