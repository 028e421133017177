/** Requests that shut a PubSub down, as they are meant to. */
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as ScopedCache from "effect/ScopedCache"
import * as Stream from "effect/Stream"
import { ask, connected } from "../clients.ts"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse, ticking } from "../stage.ts"

type Room = PubSub.PubSub<string>

const read = (room: Room) =>
  Effect.map(PubSub.subscribe(room), (subscription) =>
    sse(Stream.concat(Stream.make("hello"), Stream.fromSubscription(subscription))),
  )

const shutDownLater = (room: Room) => Effect.addFinalizer(() => PubSub.shutdown(room))

const isHost = Effect.map(HttpServerRequest.HttpServerRequest, ({ url }) => url.includes("?"))

/** Guests read on until the host leaves. */
const untilHostLeaves = Effect.fnUntraced(function* (host: string, guests: string) {
  const first = yield* connected(host)
  const others = [yield* connected(guests), yield* connected(guests)]
  yield* settle
  yield* first.leave
  const ended = yield* Effect.forEach(others, (one) => one.until(({ end }) => end === "end"))
  yield* settle
  return ended.every((right) => right)
})

/** The room is there from the start, all read it on one route, and it closes when its host leaves. */
const aRoomWithAHost: Program = Effect.gen(function* () {
  const room = yield* PubSub.sliding<string>(64)
  yield* ticking(room, "tick")
  const enter = Effect.fn("enter")(function* () {
    if (yield* isHost) yield* shutDownLater(room)
    return yield* read(room)
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-room-with-a-host", enter()))
  return yield* untilHostLeaves(`${url}/a-room-with-a-host?host`, `${url}/a-room-with-a-host`)
})

/** A stream makes the room, shuts it down when it is over, and has events of its own. */
const aBroadcast: Program = Effect.gen(function* () {
  let room: Room | undefined
  const path = "/a-broadcast"
  const host = Effect.gen(function* () {
    room = yield* Effect.acquireRelease(PubSub.sliding<string>(64), PubSub.shutdown)
    yield* ticking(room, "tick")
    return sse(Stream.concat(Stream.make("on air"), Stream.never))
  })
  const listen = Effect.suspend(() =>
    room === undefined ? Effect.succeed(HttpServerResponse.empty({ status: 404 })) : read(room),
  )
  const url = yield* serve(
    Layer.mergeAll(
      HttpRouter.add("GET", `${path}/host`, host),
      HttpRouter.add("GET", path, listen),
    ),
  )
  return yield* untilHostLeaves(`${url}${path}/host`, url + path)
})

/** Two talk in a room that a request has made: it closes when one of them hangs up. */
const aConversation: Program = Effect.gen(function* () {
  let room = yield* PubSub.sliding<string>(8)
  const path = "/a-conversation"
  const call = Effect.fn("call")(function* () {
    room = yield* PubSub.sliding<string>(64)
    return HttpServerResponse.empty({ status: 201 })
  })
  const talk = Effect.fn("talk")(function* () {
    yield* shutDownLater(room)
    return yield* read(room)
  })
  const url = yield* serve(
    Layer.mergeAll(
      HttpRouter.add("POST", path, call()),
      HttpRouter.add(
        "GET",
        path,
        Effect.suspend(() => talk()),
      ),
    ),
  )
  yield* ask(url + path, "POST")
  const one = yield* connected(url + path)
  const other = yield* connected(url + path)
  yield* one.leave
  const right = yield* other.until(({ end }) => end === "end")
  yield* settle
  return right
})

/** Whoever hangs up closes the room, and makes the next one. */
const aRoomForEachTalk: Program = Effect.gen(function* () {
  const make = PubSub.sliding<string>(64)
  let room = yield* make
  const hangUp = Effect.fnUntraced(function* (mine: Room) {
    if (room === mine) room = yield* make
    yield* PubSub.shutdown(mine)
  })
  const talk = Effect.fn("talk")(function* () {
    const mine = room
    yield* Effect.addFinalizer(() => hangUp(mine))
    return yield* read(mine)
  })
  const url = yield* serve(
    HttpRouter.add(
      "GET",
      "/a-room-for-each-talk",
      Effect.suspend(() => talk()),
    ),
  )
  const talkOnce = Effect.gen(function* () {
    const one = yield* connected(`${url}/a-room-for-each-talk`)
    const other = yield* connected(`${url}/a-room-for-each-talk`)
    yield* one.leave
    return yield* other.until(({ end }) => end === "end")
  })
  const right = (yield* talkOnce) && (yield* talkOnce)
  yield* settle
  return right
})

/** An administrator waits for the last event, and shuts the bus down when that request is over. */
const anAdministrator: Program = Effect.gen(function* () {
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick")
  const path = "/an-administrator"
  const close = Effect.fn("close")(function* () {
    yield* shutDownLater(bus)
    return HttpServerResponse.text(yield* PubSub.take(yield* PubSub.subscribe(bus)))
  })
  const url = yield* serve(
    Layer.mergeAll(HttpRouter.add("GET", path, read(bus)), HttpRouter.add("DELETE", path, close())),
  )
  const one = yield* connected(url + path)
  const other = yield* connected(url + path)
  yield* ask(url + path, "DELETE")
  const right = yield* Effect.forEach([one, other], (it) => it.until(({ end }) => end === "end"))
  yield* settle
  return right.every((ended) => ended)
})

/** What the first reader of a board puts into the cache is there for all, until somebody resets it. */
const aBoardThatIsReset: Program = Effect.gen(function* () {
  const makeBoard = Effect.gen(function* () {
    const board = yield* Effect.acquireRelease(PubSub.sliding<string>(16), PubSub.shutdown)
    yield* ticking(board, "tick")
    return board
  })
  const boards = yield* ScopedCache.make({ capacity: 4, lookup: (_: string) => makeBoard })
  const path = "/a-board-that-is-reset"
  const look = Effect.gen(function* () {
    const subscription = yield* PubSub.subscribe(yield* ScopedCache.get(boards, "a"))
    return sse(Stream.concat(Stream.fromSubscription(subscription), Stream.make("reset")))
  })
  const reset = Effect.as(ScopedCache.invalidate(boards, "a"), HttpServerResponse.empty())
  const url = yield* serve(
    Layer.mergeAll(HttpRouter.add("GET", path, look), HttpRouter.add("DELETE", path, reset)),
  )
  const looking = [yield* connected(url + path), yield* connected(url + path)]
  yield* ask(url + path, "DELETE")
  const right = yield* Effect.forEach(looking, (one) => one.until((it) => it.count("reset") === 1))
  const anew = yield* connected(url + path)
  yield* settle
  yield* anew.leave
  yield* settle
  return right.every((told) => told) && anew.count("tick") > 0
})

const closesAtEnd = (room: Room, whenOver: Effect.Effect<void>) =>
  Effect.map(PubSub.subscribe(room), (subscription) =>
    sse(
      Stream.fromSubscription(subscription).pipe(
        Stream.merge(Stream.make("hello")),
        Stream.ensuring(whenOver),
      ),
    ),
  )

/** The only room of the program closes when its host leaves, or the last guest. */
const aRoomOfTheLast: Program = Effect.gen(function* () {
  const room = yield* PubSub.sliding<string>(32)
  let inside = 0
  const enter = Effect.fn("enter")(function* () {
    const host = yield* isHost
    inside++
    const leave = Effect.suspend(() => {
      inside--
      return host || inside === 0 ? Effect.asVoid(PubSub.shutdown(room)) : Effect.void
    })
    return yield* closesAtEnd(room, leave)
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-room-of-the-last", enter()))
  return yield* untilHostLeaves(`${url}/a-room-of-the-last?host`, `${url}/a-room-of-the-last`)
})

/** A player who leaves ends the match for all, and makes the next one. */
const aMatch: Program = Effect.gen(function* () {
  let match = yield* PubSub.sliding<string>(16)
  const play = Effect.gen(function* () {
    const mine = match
    const end = Effect.gen(function* () {
      if (match === mine) match = yield* PubSub.sliding<string>(16)
      yield* PubSub.shutdown(mine)
    })
    return yield* closesAtEnd(mine, end)
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-match", play))
  return yield* untilHostLeaves(`${url}/a-match`, `${url}/a-match`)
})

export const shutDown = {
  "a-room-of-the-last": aRoomOfTheLast,
  "a-match": aMatch,
  "a-room-with-a-host": aRoomWithAHost,
  "a-broadcast": aBroadcast,
  "a-conversation": aConversation,
  "a-room-for-each-talk": aRoomForEachTalk,
  "an-administrator": anAdministrator,
  "a-board-that-is-reset": aBoardThatIsReset,
}
