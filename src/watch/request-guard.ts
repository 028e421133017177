import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { AccessRules } from "../access/access-rules.ts"
import { answerFailures, internalError } from "../access/failure-answer.ts"
import { guard } from "../access/guard.ts"
import { contentPolicy } from "../page/document.ts"

/**
 * The app for the page alone: another page, also one whose name was made to resolve to this machine, asks for another
 * host or says another origin, and is refused. What is answered runs nothing but the page's own script, which reaches
 * nothing but this server and those of `reach`.
 */
export const guardRequests = <E, R>(
  rules: AccessRules,
  app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>,
  reach: ReadonlyArray<string>,
) =>
  app.pipe(
    answerFailures(() => HttpServerResponse.text(`${internalError}\n`, { status: 500 })),
    guard(rules, (reason) => HttpServerResponse.text(`${reason}\n`, { status: 403 })),
    Effect.map(
      HttpServerResponse.setHeaders({
        "content-security-policy": `${contentPolicy(["'self'", ...reach])}; frame-ancestors 'none'`,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
      }),
    ),
  )
