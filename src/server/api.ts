import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import packageJson from "../../package.json" with { type: "json" }
import { OpenLifetimes } from "./debug.ts"
import { Event, EventInput } from "./frame.ts"
import { Problem } from "./problem.ts"

const events = HttpApiGroup.make("events")
  .add(
    HttpApiEndpoint.get("subscribe", "/event", {
      success: HttpApiSchema.StreamSse({ data: Event }),
    }).annotate(OpenApi.Summary, "Subscribe to every event, as server-sent events"),
  )
  .add(
    HttpApiEndpoint.post("publish", "/event", {
      payload: EventInput,
      success: Schema.Struct({ id: Schema.String }),
      error: [Problem.pipe(HttpApiSchema.status(400)), Problem.pipe(HttpApiSchema.status(413))],
    }).annotate(OpenApi.Summary, "Publish one event to every subscriber"),
  )

const system = HttpApiGroup.make("system")
  .add(
    HttpApiEndpoint.get("health", "/health", {
      success: Schema.Struct({ status: Schema.Literal("ok"), variant: Schema.String }),
    }).annotate(OpenApi.Summary, "Is the server up, and which variant does it run?"),
  )
  .add(
    HttpApiEndpoint.get("lifetimes", "/debug/lifetimes", {
      success: OpenLifetimes,
      error: Problem.pipe(HttpApiSchema.status(403)),
    }).annotate(OpenApi.Summary, "What is open now; answers loopback addresses only"),
  )

export const Api = HttpApi.make("scopeline-sse")
  .add(events)
  .add(system)
  .annotateMerge(
    OpenApi.annotations({
      title: "Scopeline event server",
      version: packageJson.version,
      description: "An event server, compatible with OpenCode's, that shows its lifetimes.",
    }),
  )

/** Where the OpenAPI document is served. */
export const documentPath = "/doc"

/** Which methods each path answers. */
export const methodsByPath: ReadonlyMap<string, ReadonlyArray<string>> = (() => {
  const methods = new Map<string, Array<string>>([[documentPath, ["GET", "HEAD"]]])
  for (const group of Object.values(Api.groups)) {
    for (const endpoint of Object.values(group.endpoints)) {
      const known = methods.get(endpoint.path) ?? []
      known.push(endpoint.method, ...(endpoint.method === "GET" ? ["HEAD"] : []))
      methods.set(endpoint.path, known)
    }
  }
  return methods
})()
