/** Bodies that a queue feeds, in ways that look like mistakes. */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import * as FiberMap from "effect/FiberMap"
import * as FiberSet from "effect/FiberSet"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { connected, stalled } from "../clients.ts"
import { largeEvent } from "../flood.ts"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { becomes, heartbeats, settle, sse } from "../stage.ts"

const unbounded = Queue.unbounded<string, Cause.Done>()

/** Three thousand events come at once, and are read at once. */
const aBurst: Program = Effect.gen(function* () {
  const replay = Effect.fn("replay")(function* () {
    const queue = yield* unbounded
    const fill = Effect.forEach(Array.from({ length: 3_000 }, String), (event) =>
      Queue.offer(queue, event),
    )
    yield* Effect.forkScoped(Effect.andThen(Effect.sleep("20 millis"), fill))
    return sse(Stream.concat(Stream.make("hello"), Stream.fromQueue(queue)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-burst", replay()))
  const client = yield* connected(`${url}/a-burst`)
  const right = yield* client.until(({ events }) => events.length === 3_001)
  yield* settle
  yield* client.leave
  yield* settle
  return right
})

const preview = Stream.rechunk(
  Stream.fromIterable(Array.from({ length: 300 }, () => largeEvent)),
  1,
)

/** All rows wait behind a preview, and a client takes its time: nothing more comes. */
const anExport: Program = Effect.gen(function* () {
  const rows = Effect.fn("rows")(function* () {
    const queue = yield* unbounded
    for (let row = 0; row < 1_500; row++) yield* Queue.offer(queue, "row")
    yield* Queue.end(queue)
    return sse(Stream.concat(preview, Stream.fromQueue(queue)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/an-export", rows()))
  const client = yield* stalled(`${url}/an-export`)
  yield* settle
  client.read()
  const right = yield* client.until(({ end }) => end === "end")
  yield* settle
  return right && client.count("row") === 1_500
})

/** Work that was asked for goes on without its client, and tells nobody how far it is. */
const aJobThatReports: Program = Effect.gen(function* () {
  const jobs = yield* FiberMap.make<number>()
  let started = 0
  let done = 0
  const work = Effect.fn("work")(function* (progress: Queue.Enqueue<string>) {
    for (let step = 0; step < 40; step++) {
      yield* Effect.sleep("30 millis")
      yield* Queue.offer(progress, `step ${step}`)
    }
    done++
  })
  const start = Effect.fn("start")(function* () {
    const progress = yield* Effect.acquireRelease(Queue.unbounded<string>(), Queue.shutdown)
    yield* FiberMap.run(jobs, started++, work(progress))
    return sse(Stream.fromQueue(progress))
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-job-that-reports", start()))
  for (let one = 0; one < 3; one++) {
    const client = yield* connected(`${url}/a-job-that-reports`)
    yield* client.leave
  }
  yield* becomes(() => done === 3)
  yield* settle
  return true
})

/** A client comes back to its session, which was filled in the meantime. */
const aSessionThatResumes: Program = Effect.gen(function* () {
  const feeders = yield* FiberMap.make<string>()
  const sessions = new Map<string, Queue.Queue<string>>()
  const feed = Effect.fn("feed")(function* (queue: Queue.Queue<string>) {
    for (let event = 0; ; event++) {
      yield* Effect.sleep("20 millis")
      yield* Queue.offer(queue, `event ${event}`)
    }
  })
  const open = Effect.fn("open")(function* (id: string) {
    const queue = yield* Queue.sliding<string>(64)
    sessions.set(id, queue)
    yield* FiberMap.run(feeders, id, feed(queue))
    return queue
  })
  const resume = Effect.fn("resume")(function* (id: string) {
    const queue = sessions.get(id) ?? (yield* open(id))
    return sse(Stream.fromQueue(queue))
  })
  const close = Effect.fnUntraced(function* (id: string) {
    sessions.delete(id)
    yield* FiberMap.remove(feeders, id)
  })
  const path = "/a-session-that-resumes"
  const url = yield* serve(
    HttpRouter.add("GET", `${path}/:id`, ({ url: asked }) => resume(asked.split("/").pop() ?? "")),
  )
  let right = true
  for (const id of ["ann", "bob"]) {
    const first = yield* connected(`${url}${path}/${id}`)
    yield* first.leave
  }
  yield* settle
  for (const id of ["ann", "bob"]) {
    const again = yield* connected(`${url}${path}/${id}`)
    right = (yield* again.until(({ events }) => events.length > 5)) && right
    yield* again.leave
  }
  yield* settle
  for (const id of ["ann", "bob"]) yield* close(id)
  yield* settle
  return right
})

/** Of two who fill a queue one fails, and nobody minds: the other goes on. */
const oneOfTwoFeeders: Program = Effect.gen(function* () {
  const watch = Effect.fn("watch")(function* () {
    const queue = yield* Queue.bounded<string>(16)
    const primary = Effect.delay(Queue.offer(queue, "price"), "40 millis")
    yield* Effect.forkScoped(Effect.forever(primary))
    yield* Effect.forkScoped(
      Effect.andThen(Queue.offer(queue, "rumour"), Effect.fail(new Error("no more rumours"))),
    )
    return sse(Stream.merge(Stream.fromQueue(queue), heartbeats, { haltStrategy: "left" }))
  })
  const url = yield* serve(HttpRouter.add("GET", "/one-of-two-feeders", watch()))
  const client = yield* connected(`${url}/one-of-two-feeders`)
  yield* settle
  const right = yield* client.until((it) => it.count("price") > 10)
  yield* client.leave
  yield* settle
  return right
})

/** The queue of a stream is only to wake it up; what it tells comes from elsewhere. */
const aQueueBesideABus: Program = Effect.gen(function* () {
  const watch = Effect.fn("watch")(function* () {
    const commands = yield* Queue.unbounded<string>()
    yield* Effect.forkScoped(
      Effect.andThen(
        Effect.delay(Queue.offer(commands, "begin"), "20 millis"),
        Effect.fail(new Error("no more commands")),
      ),
    )
    const state = Stream.callback<string>((queue) =>
      Effect.acquireRelease(
        Effect.sync(() => setInterval(() => Queue.offerUnsafe(queue, "state"), 25)),
        (timer) => Effect.sync(() => clearInterval(timer)),
      ),
    )
    return sse(Stream.merge(Stream.fromQueue(commands), state))
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-queue-beside-a-bus", watch()))
  const client = yield* connected(`${url}/a-queue-beside-a-bus`)
  yield* settle
  const right = yield* client.until((it) => it.count("state") > 15)
  yield* client.leave
  yield* settle
  return right
})

const said = (queue: Queue.Queue<string>) =>
  sse(
    Stream.fromEffectSchedule(Effect.map(Queue.size(queue), String), Schedule.spaced("40 millis")),
  )

/** Each job of the program goes on without its client, that is told how much is left. */
const aJobThatIsCounted: Program = Effect.gen(function* () {
  const jobs = yield* FiberSet.make()
  const start = Effect.fn("start")(function* () {
    const work = yield* Queue.unbounded<string>()
    for (let part = 0; part < 40; part++) yield* Queue.offer(work, `part ${part}`)
    yield* FiberSet.run(jobs, Effect.forever(Effect.delay(Queue.take(work), "40 millis")))
    yield* FiberSet.run(jobs, Effect.forever(Effect.delay(Queue.offer(work, "more"), "30 millis")))
    return said(work)
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-job-that-is-counted", start()))
  let right = true
  for (let one = 0; one < 3; one++) {
    const client = yield* connected(`${url}/a-job-that-is-counted`)
    right = (yield* client.until(({ events }) => events.length > 3)) && right
    yield* client.leave
  }
  yield* settle
  yield* settle
  return right
})

/** What works off a long queue takes its time, and the stream only says how much is left. */
const aLongQueueThatIsCounted: Program = Effect.gen(function* () {
  const start = Effect.fn("start")(function* () {
    const work = yield* Queue.unbounded<string>()
    for (let part = 0; part < 1_500; part++) yield* Queue.offer(work, `part ${part}`)
    yield* Effect.forkScoped(Effect.forever(Effect.delay(Queue.take(work), "20 millis")))
    yield* Effect.forkScoped(Effect.forever(Effect.delay(Queue.offer(work, "more"), "20 millis")))
    return said(work)
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-long-queue-that-is-counted", start()))
  const client = yield* connected(`${url}/a-long-queue-that-is-counted`)
  yield* settle
  yield* client.leave
  yield* settle
  return client.events.length > 3
})

/** A child of the handler is busy with something else, and who fills the queue has nothing to say for a while. */
const aChildBesideAQuietQueue: Program = Effect.gen(function* () {
  const listeners = new Set<Queue.Queue<string>>()
  const listen = Effect.fn("listen")(function* () {
    const queue = yield* Queue.unbounded<string>()
    yield* Effect.acquireRelease(
      Effect.sync(() => listeners.add(queue)),
      () => Effect.sync(() => listeners.delete(queue)),
    )
    yield* Effect.forkChild(Effect.forever(Effect.sleep("20 millis")))
    return sse(Stream.merge(Stream.fromQueue(queue), heartbeats, { haltStrategy: "left" }))
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-child-beside-a-quiet-queue", listen()))
  const client = yield* connected(`${url}/a-child-beside-a-quiet-queue`)
  yield* settle
  for (const queue of listeners) Queue.offerUnsafe(queue, "news")
  const right = yield* client.until((it) => it.count("news") === 1)
  yield* client.leave
  yield* settle
  return right
})

/** One fiber fills the queue in the place of another, and has nothing to say for a while. */
const aFeederThatIsReplaced: Program = Effect.gen(function* () {
  const watch = Effect.fn("watch")(function* () {
    const queue = yield* Queue.unbounded<string>()
    const feeder = yield* FiberHandle.make()
    const feed = (event: string, millis: number) =>
      FiberHandle.run(feeder, Effect.forever(Effect.delay(Queue.offer(queue, event), millis)))
    yield* feed("often", 20)
    yield* Effect.forkScoped(Effect.delay(feed("seldom", 60_000), "150 millis"))
    return sse(Stream.merge(Stream.fromQueue(queue), heartbeats, { haltStrategy: "left" }))
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-feeder-that-is-replaced", watch()))
  const client = yield* connected(`${url}/a-feeder-that-is-replaced`)
  yield* client.until((it) => it.count("often") > 1)
  yield* settle
  const right = client.end === "open"
  yield* client.leave
  yield* settle
  return right
})

/** Of two parts of a stream one can do without its feeder, and the other goes on. */
const aPartThatFails: Program = Effect.gen(function* () {
  const part = (event: string, many: number) =>
    Stream.unwrap(
      Effect.gen(function* () {
        const queue = yield* Queue.bounded<string>(16)
        const feed = Effect.gen(function* () {
          for (let one = 0; one < many; one++)
            yield* Effect.delay(Queue.offer(queue, event), "20 millis")
          return yield* Effect.fail(new Error("no access"))
        })
        yield* Effect.forkScoped(feed)
        return Stream.fromQueue(queue)
      }),
    )
  const parts = Stream.merge(part("load", 2), part("price", 1_000))
  const url = yield* serve(
    HttpRouter.add(
      "GET",
      "/a-part-that-fails",
      Effect.sync(() => sse(parts)),
    ),
  )
  const client = yield* connected(`${url}/a-part-that-fails`)
  const right = yield* client.until((it) => it.count("price") > 30)
  yield* client.leave
  yield* settle
  return right
})

/** Each event is worked out by a part of the stream that comes to its end, and then nothing comes for a while. */
const aPartThatEnds: Program = Effect.gen(function* () {
  const bus = yield* PubSub.sliding<string>(16)
  const shared = yield* Stream.share(Stream.fromPubSub(bus), { capacity: "unbounded" })
  const events = Stream.switchMap(shared, (event) => Stream.make(event))
  const url = yield* serve(
    HttpRouter.add(
      "GET",
      "/a-part-that-ends",
      Effect.sync(() => sse(events)),
    ),
  )
  yield* Effect.forkScoped(Effect.delay(PubSub.publish(bus, "price"), "100 millis"))
  const client = yield* connected(`${url}/a-part-that-ends`)
  const right = yield* client.until((it) => it.count("price") === 1)
  yield* settle
  yield* client.leave
  yield* settle
  return right
})

/** What a stream makes for itself fails, and passes that on: its client is told. */
const aBufferThatFails: Program = Effect.gen(function* () {
  const rows = Stream.unwrap(
    Effect.gen(function* () {
      const queue = yield* Queue.bounded<string, Error>(4)
      const fill = Effect.gen(function* () {
        for (let row = 0; row < 3; row++) yield* Effect.delay(Queue.offer(queue, "row"), "5 millis")
        return yield* Effect.fail(new Error("the file is damaged"))
      })
      yield* Effect.forkScoped(Effect.catch(fill, (error) => Queue.fail(queue, error)))
      return Stream.buffer(Stream.fromQueue(queue), { capacity: 2 })
    }),
  )
  const download = Stream.concat(
    Stream.catch(rows, () => Stream.make("damaged")),
    heartbeats,
  )
  const url = yield* serve(
    HttpRouter.add(
      "GET",
      "/a-buffer-that-fails",
      Effect.sync(() => sse(download)),
    ),
  )
  const client = yield* connected(`${url}/a-buffer-that-fails`)
  const right = yield* client.until((it) => it.count("damaged") === 1)
  yield* settle
  yield* client.leave
  yield* settle
  return right && client.count("row") === 3
})

export const queues = {
  "a-burst": aBurst,
  "an-export": anExport,
  "a-job-that-reports": aJobThatReports,
  "a-session-that-resumes": aSessionThatResumes,
  "one-of-two-feeders": oneOfTwoFeeders,
  "a-queue-beside-a-bus": aQueueBesideABus,
  "a-job-that-is-counted": aJobThatIsCounted,
  "a-long-queue-that-is-counted": aLongQueueThatIsCounted,
  "a-child-beside-a-quiet-queue": aChildBesideAQuietQueue,
  "a-feeder-that-is-replaced": aFeederThatIsReplaced,
  "a-part-that-fails": aPartThatFails,
  "a-part-that-ends": aPartThatEnds,
  "a-buffer-that-fails": aBufferThatFails,
}
