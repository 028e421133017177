import * as Effect from "effect/Effect"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { tracedScope, tracedStream } from "../../otel/index.ts"
import type { Events } from "./events.ts"
import { nobody } from "./ledger.ts"
import { applyOperator, Instance, Tenant } from "./operators.ts"
import { runPart } from "./parts.ts"
import type { Heartbeats } from "./plan.ts"
import { openSource } from "./sources.ts"
import type { World } from "./world.ts"

/** The handler of `GET /event` that the plan describes. */
export const handlerOf = (world: World) => {
  const { handler: plan, helpers } = world.plan
  return HttpServerRequest.HttpServerRequest.pipe(
    Effect.flatMap(({ url }) =>
      opening(world, clientOf(url), (body) => {
        const response = HttpServerResponse.stream(
          Stream.encodeText(helpers.stream ? tracedStream("event")(body) : body),
          { contentType: plan.type },
        )
        return plan.transfers ? HttpEffect.scopeTransferToStream(response) : response
      }),
    ),
  )
}

/** The same as a call over RPC, of this client. */
export const callOf = (world: World, client: number): Stream.Stream<string, string> =>
  Stream.unwrap(
    opening(world, client, (body) =>
      world.plan.helpers.stream ? tracedStream("event")(body) : body,
    ),
  ).pipe(Stream.mapError(({ message }) => message))

/** Opens what this client is sent, and makes what it is given of that. */
const opening = <A>(world: World, client: number, respondWith: (body: Events) => A) => {
  const { handler: plan, helpers } = world.plan
  const respond = function* () {
    world.progress.begins(client)
    for (const part of plan.before) yield* runPart(world, client, part)
    if (plan.delay > 0) yield* Effect.sleep(plan.delay)
    const source = yield* openSource(world, client, plan.source)
    for (const part of plan.after) yield* runPart(world, client, part)
    const events = plan.operators.reduce(applyOperator(world, client), source)
    const body = withHeartbeats(events, plan.heartbeats).pipe(
      Stream.map((event) => {
        world.progress.sends(client)
        return `data: ${event}\n\n`
      }),
    )
    return respondWith(body)
  }
  const handler = plan.named ? Effect.fn("events")(respond)() : Effect.gen(respond)
  const limited = plan.limited ? Effect.orDie(Effect.timeout(handler, "1 minute")) : handler
  const inScope = helpers.scope ? tracedScope("handler")(limited) : Effect.scoped(limited)
  return (plan.scoped ? inScope : limited).pipe(
    Effect.provideService(Instance, "a project"),
    Effect.provideService(Tenant, "acme"),
  )
}

/** A plain request that does the same before it is answered. */
export const answerOf = (world: World) =>
  Effect.gen(function* () {
    for (const part of world.plan.handler.before) yield* runPart(world, nobody, part)
  })

/** A client says which one it is: `/event?client=2`. */
const clientOf = (url: string): number =>
  Number(new URL(url, "http://server").searchParams.get("client"))

const withHeartbeats = (events: Events, heartbeats: Heartbeats | undefined): Events =>
  heartbeats === undefined
    ? events
    : Stream.merge(
        events,
        Stream.map(Stream.fromSchedule(Schedule.spaced(heartbeats.every)), () => "heartbeat"),
        { haltStrategy: heartbeats.halt },
      )
