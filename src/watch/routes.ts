import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { livePage } from "../page/document.ts"
import type { ExchangeId } from "../page/snapshot.ts"
import { Application } from "../server/application.ts"
import { Bus } from "../server/bus.ts"
import { eventResponse } from "../server/event.ts"
import { Instance } from "../server/instance.ts"
import { savedPage } from "./saved-page.ts"
import { traceRoute } from "./trace-route.ts"
import { WatchedProgram } from "./watched-program.ts"

const instance = { directory: process.cwd() }

/** What the page asks its server for. Its updates come over a stream of the fixed kind. */
export const watchRoutes = Effect.fnUntraced(function* (jaeger: string | undefined) {
  const program = yield* WatchedProgram
  const updates = eventResponse("fixed").pipe(
    Effect.provideService(Bus, yield* Bus),
    Effect.provideService(Application, yield* Application),
    Effect.provideService(Instance, instance),
  )
  const detail = Effect.gen(function* () {
    const { id = "" } = yield* HttpRouter.params
    const found = isExchangeId(id) ? yield* program.detail(id) : undefined
    return found === undefined ? notKept : HttpServerResponse.jsonUnsafe(found)
  })
  const page = Effect.map(program.snapshot, (snapshot) =>
    HttpServerResponse.html(livePage(snapshot)),
  )
  const report = Effect.gen(function* () {
    return HttpServerResponse.text(yield* savedPage(program), {
      contentType: "text/html; charset=utf-8",
      headers: { "content-disposition": 'attachment; filename="scopeline.html"' },
    })
  })
  return HttpRouter.addAll([
    HttpRouter.route("GET", "/", page),
    HttpRouter.route("GET", "/report", report),
    HttpRouter.route("GET", "/data", Effect.map(program.snapshot, HttpServerResponse.jsonUnsafe)),
    HttpRouter.route("GET", "/updates", () => updates),
    HttpRouter.route("GET", "/exchange/:id", detail),
    HttpRouter.route("GET", "/trace/:id", traceRoute(program, jaeger)),
  ])
})

const isExchangeId = (text: string): text is ExchangeId =>
  /^[0-9a-f]{1,64}\.[0-9a-f]{1,32}$/.test(text)

const notKept = HttpServerResponse.jsonUnsafe(
  { error: "not_kept", message: "The spans of this exchange are not kept, or never came." },
  { status: 404 },
)
