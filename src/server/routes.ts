import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Layer from "effect/Layer"
import { openNow } from "../../otel/index.ts"
import { Api, documentPath } from "./api.ts"
import { Application } from "./application.ts"
import { Bus } from "./bus.ts"
import { isThisMachine } from "./debug.ts"
import { eventResponse } from "./event.ts"
import { readEvent } from "./event-body.ts"
import { Instance } from "./instance.ts"
import { problemResponse } from "./problem.ts"
import type { VariantName } from "./variant-name.ts"

const instance = { directory: process.cwd() }

/** The routes of a server that runs the variant. */
export const layerRoutes = (variant: VariantName) => {
  const events = HttpApiBuilder.group(
    Api,
    "events",
    Effect.fnUntraced(function* (handlers) {
      const bus = yield* Bus
      const application = yield* Application
      const subscribe = eventResponse(variant).pipe(
        Effect.provideService(Bus, bus),
        Effect.provideService(Application, application),
        Effect.provideService(Instance, instance),
      )
      return handlers
        .handleRaw("subscribe", () => subscribe)
        .handleRaw("publish", ({ request }) =>
          readEvent(request).pipe(
            Effect.flatMap(bus.publish),
            Effect.map((id) => ({ id })),
            Effect.catch(({ status, problem }) => Effect.succeed(problemResponse(status, problem))),
          ),
        )
    }),
  )
  const system = HttpApiBuilder.group(Api, "system", (handlers) =>
    handlers
      .handle("health", () => Effect.succeed({ status: "ok" as const, variant }))
      .handleRaw("lifetimes", () =>
        Effect.gen(function* () {
          return (yield* isThisMachine) ? yield* openNow : forbidden
        }),
      ),
  )
  return HttpApiBuilder.layer(Api, { openapiPath: documentPath }).pipe(
    Layer.provide([events, system]),
  )
}

const forbidden = problemResponse(403, {
  error: "forbidden",
  message: "Only programs on this machine can ask what is open.",
})
