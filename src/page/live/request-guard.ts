import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { Servers } from "./page.ts"

/**
 * The app for the page alone: another page, also one whose name was made to resolve to this machine,
 * asks for another host or says another origin, and is refused. What is answered runs nothing but the
 * page's own script, which reaches nothing but the page and the two servers.
 */
export const guardRequests = <E, R>(
  address: string,
  servers: Servers,
  app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>,
) =>
  Effect.gen(function* () {
    const { headers } = yield* HttpServerRequest.HttpServerRequest
    const ownHost = headers.host === new URL(address).host
    const ownOrigin = headers.origin === undefined || headers.origin === address
    const response = ownHost && ownOrigin ? yield* app : refusal(address)
    return HttpServerResponse.setHeaders(response, {
      "content-security-policy": policyOf(servers),
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
    })
  })

const refusal = (address: string) =>
  HttpServerResponse.text(`This page is at ${address}/ and nowhere else.\n`, { status: 403 })

const policyOf = ({ broken, fixed }: Servers): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src data:",
    `connect-src 'self' ${broken} ${fixed}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ")
