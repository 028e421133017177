import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"

interface GuardOptions {
  /** The port of the page. */
  readonly port: number
  /** Names that the page may be asked for besides those of this machine, with any port. */
  readonly allowed: ReadonlyArray<string>
}

/**
 * The app for the page alone: another page, also one whose name was made to resolve to this machine, asks for another
 * host or says another origin, and is refused.
 */
export const guardRequests = <E, R>(
  options: GuardOptions,
  app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>,
) =>
  Effect.gen(function* () {
    const { headers } = yield* HttpServerRequest.HttpServerRequest
    const { host = "", origin } = headers
    const isOwn = isAllowed(options, `http://${host}`)
    const response =
      isOwn && (origin === undefined || isAllowed(options, origin)) ? yield* app : refusal
    return HttpServerResponse.setHeaders(response, {
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
      "x-frame-options": "DENY",
      "cache-control": "no-store",
    })
  })

const ofThisMachine = ["localhost", "127.0.0.1", "[::1]"]

const isAllowed = ({ port, allowed }: GuardOptions, address: string): boolean => {
  const url = URL.parse(address)
  if (url === null) return false
  const isHere = ofThisMachine.includes(url.hostname) && Number(url.port || 80) === port
  return isHere || allowed.includes(url.hostname)
}

const refusal = HttpServerResponse.text(
  "This page is for programs and browsers of this machine. Allow another name with --allow-host NAME.\n",
  { status: 403 },
)
