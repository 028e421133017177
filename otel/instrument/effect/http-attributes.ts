/*
 * `http/HttpMiddleware.ts`, `tracer`: when a request is over, Effect restores the fiber's context from before
 * the span and asks the span whether it is sampled. If it is, Effect parses the URL and writes about ten
 * attributes.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpMiddleware from "effect/http/HttpMiddleware"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Tracer from "effect/Tracer"
import { uncounted } from "./fiber-ids.ts"
import { asExporting } from "./tracer-hook.ts"

/** What the attributes of an exchange are made from. */
export interface Answer {
  /** The context of its fiber before it had a span. */
  readonly context: Context.Context<never>
  readonly response: HttpServerResponse.HttpServerResponse
}

/** Whether Effect itself asks now: it has just restored that context on the current fiber. */
export const isGivenBack = ({ context }: Answer): boolean => Fiber.getCurrent()?.context === context

/** Makes Effect write the attributes of a finished exchange on another span. */
export const httpAttributes = ({
  context,
  response,
}: Answer): Iterable<readonly [name: string, value: unknown]> => {
  const request = Context.getOrUndefined(context, HttpServerRequest.HttpServerRequest)
  if (request === undefined) return []
  const spans: Array<Tracer.Span> = []
  const tracer = asExporting({
    span: (options) => {
      const span = new Tracer.NativeSpan({ ...options, sampled: true })
      spans.push(span)
      return span
    },
  })
  const answered = HttpMiddleware.tracer(Effect.succeed(response)).pipe(
    Effect.provideService(HttpServerRequest.HttpServerRequest, request),
    Effect.provideService(Tracer.Tracer, tracer),
  )
  uncounted(() => Effect.runSyncWith(context)(answered))
  return spans[0]?.attributes ?? []
}
