/** What one request begins and another ends. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberMap from "effect/FiberMap"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { ask, connected } from "../clients.ts"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse, ticking } from "../stage.ts"

const accepted = HttpServerResponse.empty({ status: 202 })

/** Begun four times, in turn, and ended later. */
const beginAndEnd = Effect.fnUntraced(function* (url: string) {
  for (let one = 0; one < 4; one++) yield* ask(url, "POST")
  yield* settle
  yield* settle
  for (let one = 0; one < 4; one++) yield* ask(url, "DELETE")
  yield* settle
})

const sessions: Program = Effect.gen(function* () {
  const application = yield* Effect.scope
  const open: Array<Scope.Closeable> = []
  let users = 0
  const logIn = Effect.fn("logIn")(function* () {
    const session = yield* Scope.fork(application)
    users++
    yield* Scope.addFinalizer(
      session,
      Effect.sync(() => {
        users--
      }),
    )
    yield* Effect.forkIn(Effect.forever(Effect.sleep("50 millis")), session)
    open.push(session)
    return accepted
  })
  const logOut = Effect.fn("logOut")(function* () {
    const session = open.pop()
    if (session !== undefined) yield* Scope.close(session, Exit.void)
    return accepted
  })
  const url = yield* serve(
    Layer.mergeAll(
      HttpRouter.add("POST", "/sessions", logIn()),
      HttpRouter.add("DELETE", "/sessions", logOut()),
    ),
  )
  yield* beginAndEnd(`${url}/sessions`)
  return users === 0
})

const jobs: Program = Effect.gen(function* () {
  const running = yield* FiberMap.make<number>()
  let begun = 0
  let ended = 0
  const work = Effect.fn("work")(function* () {
    yield* Effect.ensuring(
      Effect.sleep("30 seconds"),
      Effect.sync(() => {
        ended++
      }),
    )
  })
  const start = Effect.fn("start")(function* () {
    yield* FiberMap.run(running, begun++, work())
    return accepted
  })
  const cancel = Effect.suspend(() => Effect.as(FiberMap.remove(running, --begun), accepted))
  const url = yield* serve(
    Layer.mergeAll(
      HttpRouter.add("POST", "/jobs", start()),
      HttpRouter.add("DELETE", "/jobs", cancel),
    ),
  )
  yield* beginAndEnd(`${url}/jobs`)
  return ended === 4
})

/** Each has a scope that nobody owns, and a subscription of which it takes an event now and then. */
const mailboxes: Program = Effect.gen(function* () {
  const mail = yield* PubSub.bounded<string>({ capacity: 8, replay: 1 })
  yield* PubSub.publish(mail, "welcome")
  const open: Array<Mailbox> = []
  const subscribe = Effect.fn("subscribe")(function* () {
    const scope = yield* Scope.make()
    const letters = yield* Scope.provide(PubSub.subscribe(mail), scope)
    open.push({ scope, letters })
    return HttpServerResponse.text(yield* PubSub.take(letters))
  })
  const next = Effect.suspend(() =>
    Effect.map(
      Effect.forEach(open, ({ letters }) => PubSub.take(letters)),
      (taken) => HttpServerResponse.text(taken.join()),
    ),
  )
  const unsubscribe = Effect.suspend(() => {
    const mailbox = open.pop()
    return mailbox === undefined
      ? Effect.succeed(accepted)
      : Effect.as(Scope.close(mailbox.scope, Exit.void), accepted)
  })
  const url = yield* serve(
    Layer.mergeAll(
      HttpRouter.add("POST", "/mailboxes", subscribe()),
      HttpRouter.add("GET", "/mailboxes", next),
      HttpRouter.add("DELETE", "/mailboxes", unsubscribe),
    ),
  )
  for (let one = 0; one < 4; one++) yield* ask(`${url}/mailboxes`, "POST")
  yield* settle
  yield* PubSub.publishAll(mail, ["a", "b"])
  yield* settle
  const { text } = yield* ask(`${url}/mailboxes`)
  // One is never closed.
  for (let one = 0; one < 3; one++) yield* ask(`${url}/mailboxes`, "DELETE")
  yield* settle
  return text === "a,a,a,a"
})

interface Mailbox {
  readonly scope: Scope.Closeable
  readonly letters: PubSub.Subscription<string>
}

/** Whoever logs in is subscribed, and reads later or never. */
const subscribedSessions = (
  path: `/${string}`,
  open: (application: Scope.Scope) => Effect.Effect<Scope.Closeable>,
): Program =>
  Effect.gen(function* () {
    const application = yield* Effect.scope
    const bus = yield* PubSub.sliding<string>(64)
    yield* ticking(bus, "tick")
    const all: Array<Scope.Closeable> = []
    const logIn = Effect.fn("logIn")(function* () {
      const session = yield* open(application)
      yield* Scope.provide(PubSub.subscribe(bus), session)
      all.push(session)
      return accepted
    })
    const logOut = Effect.suspend(() => {
      const session = all.pop()
      return Effect.as(
        session === undefined ? Effect.void : Scope.close(session, Exit.void),
        accepted,
      )
    })
    const url = yield* serve(
      Layer.mergeAll(HttpRouter.add("POST", path, logIn()), HttpRouter.add("DELETE", path, logOut)),
    )
    yield* beginAndEnd(url + path)
    return all.length === 0
  })

/** Its first stream opens the session, which is kept until its client comes back. */
const aResumedSession: Program = Effect.gen(function* () {
  const application = yield* Effect.scope
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick")
  let session: PubSub.Subscription<string> | undefined
  const resume = Effect.fn("resume")(function* () {
    session ??= yield* Scope.provide(PubSub.subscribe(bus), yield* Scope.fork(application))
    return sse(Stream.fromSubscription(session))
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-resumed-session", resume()))
  let right = true
  for (let one = 0; one < 2; one++) {
    const client = yield* connected(`${url}/a-resumed-session`)
    right = (yield* client.until((it) => it.count("tick") > 2)) && right
    yield* client.leave
    yield* settle
  }
  return right
})

export const begunAndEnded = {
  "a-resumed-session": aResumedSession,
  sessions,
  jobs,
  mailboxes,
  "a-subscribed-session": subscribedSessions("/a-subscribed-session", (application) =>
    Scope.fork(application),
  ),
  "a-subscribed-session-of-its-own": subscribedSessions("/a-subscribed-session-of-its-own", () =>
    Scope.make(),
  ),
}
