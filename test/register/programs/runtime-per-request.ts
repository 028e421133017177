/** Whoever serves a request makes a runtime for it. */
import { createServer } from "node:http"
import { Context, Effect, Layer, ManagedRuntime, PubSub, type Scope, Stream } from "effect"
import { HttpEffect, HttpServerResponse } from "effect/http"
import { path, visit } from "./ticks.ts"

class Bus extends Context.Service<Bus, PubSub.PubSub<string>>()("Bus") {}

const openStream = Effect.fn("openStream")(function* () {
  const subscription = yield* PubSub.subscribe(yield* Bus)
  return HttpServerResponse.stream(
    Stream.encodeText(
      Stream.make("hello|").pipe(Stream.concat(Stream.fromSubscription(subscription))),
    ),
  )
})

const bus = await Effect.runPromise(PubSub.unbounded<string>({ replay: 2 }))
await Effect.runPromise(PubSub.publishAll(bus, ["a|", "b|"]))

const handler = path === "/broken" ? Effect.scoped(openStream()) : openStream()

const listening = createServer(async (request, response) => {
  const runtime = ManagedRuntime.make(Layer.succeed(Bus, bus))
  const answer = HttpEffect.toWebHandlerWith<Bus, Bus | Scope.Scope>(await runtime.context())(
    handler,
  )
  const made = await answer(new Request(`http://localhost${request.url}`))
  response.writeHead(made.status)
  let sent = 0
  for await (const bytes of made.body ?? []) {
    response.write(bytes)
    if (++sent === 2) break
  }
  response.end()
  await runtime.dispose()
}).listen(0, "127.0.0.1", async () => {
  const at = listening.address()
  const port = typeof at === "object" ? at?.port : undefined
  for (const _ of [1, 2]) console.log(await visit(`http://127.0.0.1:${port}${path}`))
  listening.close()
  listening.closeAllConnections()
})
