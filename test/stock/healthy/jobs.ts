/** Work that one request begins, for which another waits, and that a third calls off. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { ask, asking, connected } from "../clients.ts"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { becomes, settle, sse } from "../stage.ts"

const accepted = HttpServerResponse.empty({ status: 202 })

const calledOff: Program = Effect.gen(function* () {
  const program = yield* Effect.scope
  let job: Fiber.Fiber<never> | undefined
  let waiting = 0
  const start = Effect.fn("start")(function* () {
    job = yield* Effect.forkIn(Effect.never, program)
    return accepted
  })
  const result = Effect.fn("result")(function* () {
    waiting++
    if (job !== undefined) yield* Fiber.join(job)
    return HttpServerResponse.text("done")
  })
  const callOff = Effect.fn("callOff")(function* () {
    if (job !== undefined) yield* Fiber.interrupt(job)
    return accepted
  })
  const url = yield* serve(
    Layer.mergeAll(
      HttpRouter.add("POST", "/a-job-called-off", start()),
      HttpRouter.add("GET", "/a-job-called-off", result()),
      HttpRouter.add("DELETE", "/a-job-called-off", callOff()),
    ),
  )
  yield* ask(`${url}/a-job-called-off`, "POST")
  const client = yield* asking(`${url}/a-job-called-off`)
  yield* becomes(() => waiting === 1)
  yield* ask(`${url}/a-job-called-off`, "DELETE")
  const told = yield* client.until(({ status }) => status === 503)
  yield* settle
  return told
})

/** The same of a job that lives in a scope of its own. */
const closed: Program = Effect.gen(function* () {
  const program = yield* Effect.scope
  let job: Job | undefined
  let waiting = 0
  const start = Effect.fn("start")(function* () {
    const scope = yield* Scope.fork(program)
    job = { scope, fiber: yield* Scope.provide(Effect.forkScoped(Effect.never), scope) }
    return accepted
  })
  const result = Effect.fn("result")(function* () {
    waiting++
    if (job !== undefined) yield* Fiber.join(job.fiber)
    return HttpServerResponse.text("done")
  })
  const close = Effect.fn("close")(function* () {
    if (job !== undefined) yield* Scope.close(job.scope, Exit.void)
    return accepted
  })
  const url = yield* serve(
    Layer.mergeAll(
      HttpRouter.add("POST", "/a-job-closed", start()),
      HttpRouter.add("GET", "/a-job-closed", result()),
      HttpRouter.add("DELETE", "/a-job-closed", close()),
    ),
  )
  yield* ask(`${url}/a-job-closed`, "POST")
  const client = yield* asking(`${url}/a-job-closed`)
  yield* becomes(() => waiting === 1)
  yield* ask(`${url}/a-job-closed`, "DELETE")
  const told = yield* client.until(({ status }) => status === 503)
  yield* settle
  return told
})

/** Many requests each start work in the scope of the program, which takes long and ends. */
const takesLong: Program = Effect.gen(function* () {
  const program = yield* Effect.scope
  const finished = yield* Deferred.make<void>()
  let done = 0
  const job = Effect.fn("job")(function* () {
    yield* Deferred.await(finished)
    done++
  })
  const start = Effect.fn("start")(function* () {
    yield* Effect.forkIn(job(), program)
    return accepted
  })
  const url = yield* serve(HttpRouter.add("POST", "/a-job-that-takes-long", start()))
  for (let one = 0; one < 10; one++) yield* ask(`${url}/a-job-that-takes-long`, "POST")
  yield* Effect.repeat(settle, { times: 3 }) // more than five grace periods
  yield* Deferred.succeed(finished, undefined)
  yield* becomes(() => done === 10)
  yield* settle
  return true
})

/** Publishes steps, one after the other, until somebody has had enough. */
const stepping = (steps: PubSub.PubSub<string>, enough: Deferred.Deferred<void>) =>
  Effect.raceFirst(
    Effect.repeat(PubSub.publish(steps, "step"), Schedule.spaced("20 millis")),
    Deferred.await(enough),
  )

/** Whoever asks first begins it, and reads it like all others. It ends by itself. */
const begunByAReader: Program = Effect.gen(function* () {
  const running = yield* FiberSet.make()
  const enough = yield* Deferred.make<void>()
  let steps: PubSub.PubSub<string> | undefined
  const job = Effect.fnUntraced(function* (ready: Deferred.Deferred<void>) {
    steps = yield* Effect.acquireRelease(PubSub.unbounded<string>(), PubSub.shutdown)
    yield* Deferred.succeed(ready, undefined)
    yield* stepping(steps, enough)
  }, Effect.scoped)
  const watch = Effect.gen(function* () {
    if (steps === undefined) {
      const ready = yield* Deferred.make<void>()
      yield* FiberSet.run(running, job(ready))
      yield* Deferred.await(ready)
    }
    const subscription = yield* PubSub.subscribe(steps ?? (yield* Effect.die("no job")))
    return sse(Stream.concat(Stream.fromSubscription(subscription), Stream.make("done")))
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-job-begun-by-a-reader", watch))
  const first = yield* connected(`${url}/a-job-begun-by-a-reader`)
  const second = yield* connected(`${url}/a-job-begun-by-a-reader`)
  yield* Effect.forEach([first, second], (one) => one.until((it) => it.count("step") > 0))
  yield* Deferred.succeed(enough, undefined)
  const told = yield* Effect.forEach([first, second], (one) =>
    one.until(({ end }) => end === "end"),
  )
  const late = yield* connected(`${url}/a-job-begun-by-a-reader`)
  yield* settle
  return told.every((right) => right) && second.count("step") > 0 && late.events.join() === "done"
})

/** Its PubSub ends with it. Who comes later finds that, and is told so. */
const over: Program = Effect.gen(function* () {
  const running = yield* FiberSet.make()
  const enough = yield* Deferred.make<void>()
  let steps: PubSub.PubSub<string> | undefined
  const job = Effect.gen(function* () {
    steps = yield* Effect.acquireRelease(PubSub.unbounded<string>(), PubSub.shutdown)
    yield* stepping(steps, enough)
  })
  const start = Effect.as(FiberSet.run(running, Effect.scoped(job)), accepted)
  const watch = Effect.gen(function* () {
    if (steps === undefined) return HttpServerResponse.empty({ status: 404 })
    const subscription = yield* PubSub.subscribe(steps)
    return sse(Stream.concat(Stream.fromSubscription(subscription), Stream.make("done")))
  })
  const url = yield* serve(
    Layer.mergeAll(
      HttpRouter.add("POST", "/a-job-that-is-over", start),
      HttpRouter.add("GET", "/a-job-that-is-over", watch),
    ),
  )
  yield* ask(`${url}/a-job-that-is-over`, "POST")
  const early = yield* connected(`${url}/a-job-that-is-over`)
  yield* early.until((it) => it.count("step") > 0)
  yield* Deferred.succeed(enough, undefined)
  yield* early.until(({ end }) => end !== "open")
  const late = yield* connected(`${url}/a-job-that-is-over`)
  yield* settle
  return early.count("step") > 0 && late.events.join() === "done"
})

interface Job {
  readonly scope: Scope.Closeable
  readonly fiber: Fiber.Fiber<never>
}

export const jobs = {
  "a-job-called-off": calledOff,
  "a-job-closed": closed,
  "a-job-begun-by-a-reader": begunByAReader,
  "a-job-that-is-over": over,
  "a-job-that-takes-long": takesLong,
}
