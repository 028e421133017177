import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { AccessRules } from "../../access/access-rules.ts"
import { answerFailures, internalError } from "../../access/failure-answer.ts"
import { guard } from "../../access/guard.ts"
import type { Servers } from "./page.ts"

/**
 * The app for the page alone: another page, also one whose name was made to resolve to this machine,
 * asks for another host or says another origin, and is refused. What is answered runs nothing but the
 * page's own script, which reaches nothing but the page and the two servers.
 */
export const guardRequests = <E, R>(
  rules: AccessRules,
  servers: Servers,
  app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>,
) =>
  app.pipe(
    answerFailures(() => HttpServerResponse.text(`${internalError}\n`, { status: 500 })),
    guard(rules, (reason) => HttpServerResponse.text(`${reason}\n`, { status: 403 })),
    Effect.map(
      HttpServerResponse.setHeaders({
        "content-security-policy": policyOf(servers),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
      }),
    ),
  )

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
