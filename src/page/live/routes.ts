import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { Application } from "../../server/application.ts"
import { Bus } from "../../server/bus.ts"
import { eventResponse } from "../../server/event.ts"
import { Instance } from "../../server/instance.ts"
import { environmentOf } from "../environment.ts"
import { reportDocument } from "../html/document.ts"
import { staticFiles } from "./files.ts"
import { livePage, type Servers } from "./page.ts"
import { liveReport } from "./report.ts"
import { Updates } from "./updates.ts"

const instance = { directory: process.cwd() }

/** What the page asks its own server for. Its updates come over a stream of the fixed kind. */
export const liveRoutes = Effect.fnUntraced(function* (
  servers: Servers,
  words: ReadonlyArray<string>,
) {
  const updates = yield* Updates
  const stream = eventResponse("fixed").pipe(
    Effect.provideService(Bus, yield* Bus),
    Effect.provideService(Application, yield* Application),
    Effect.provideService(Instance, instance),
  )
  const report = Effect.map(updates.look, (sight) =>
    HttpServerResponse.text(reportDocument(liveReport(sight, environmentOf(process, words))), {
      contentType: "text/html; charset=utf-8",
      headers: { "content-disposition": 'attachment; filename="scopeline-live.html"' },
    }),
  )
  return HttpRouter.addAll([
    HttpRouter.route("GET", "/", HttpServerResponse.html(livePage(servers))),
    ...staticFiles.map(({ path, type, text }) =>
      HttpRouter.route(
        "GET",
        path,
        HttpServerResponse.text(text, { contentType: `${type}; charset=utf-8` }),
      ),
    ),
    HttpRouter.route("GET", "/event", () => stream),
    HttpRouter.route("GET", "/parts", Effect.map(updates.all, HttpServerResponse.jsonUnsafe)),
    HttpRouter.route("GET", "/report", () => report),
  ])
})
