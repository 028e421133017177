import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { printable } from "../../otel/timeline/printable.ts"
import { fetchTrace } from "../recordings/jaeger/client.ts"
import type { WatchedProgram } from "./watched-program.ts"

/**
 * Leads from a trace, as Jaeger names it, to its exchange on the page. If the trace is not kept, it is read
 * from Jaeger.
 */
export const traceRoute = (program: WatchedProgram["Service"], jaeger: string | undefined) =>
  Effect.gen(function* () {
    const { id = "" } = yield* HttpRouter.params
    if (!/^[0-9a-f]{1,32}$/i.test(id)) return notThere("That is no trace id.")
    const traceId = id.toLowerCase().padStart(32, "0")
    const kept = yield* program.exchangeOf(traceId)
    if (kept !== undefined) return HttpServerResponse.redirect(`/#/x/${kept}`)
    if (jaeger === undefined) {
      return notThere(`Trace ${traceId} is not kept here, and no --jaeger says where to read it.`)
    }
    yield* program.add((yield* fetchTrace(jaeger, traceId)).spans)
    const read = yield* program.exchangeOf(traceId)
    return read === undefined
      ? notThere(`Trace ${traceId} has no server span: there is no exchange to show.`)
      : HttpServerResponse.redirect(`/#/x/${read}`)
  }).pipe(
    Effect.catchTag(["JaegerUnreachable", "NotJaeger", "TraceNotReady"], ({ message }) =>
      Effect.succeed(notThere(`${printable(message)}.`)),
    ),
    Effect.provide(FetchHttpClient.layer),
  )

const notThere = (why: string) => HttpServerResponse.text(`${why}\n`, { status: 404 })
