import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from "node:http"
import { request as requestSecurely } from "node:https"

/** The request that a client of a stream sends. */
export interface StreamRequest {
  readonly url: string
  readonly method: string
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** Sends it on a connection of its own. */
export const sent = ({ url, method, headers, body }: StreamRequest): ClientRequest => {
  const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) }
  const options: RequestOptions = { method, agent: false, headers: { ...headers, ...length } }
  const client = isSecure(url) ? requestSecurely(url, options) : request(url, options)
  return client.end(body)
}

export const isSecure = (url: string): boolean => new URL(url).protocol === "https:"

/** As many as browsers follow. */
export const mostRedirects = 20

const redirects: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308])

/** Where an answer redirects its client, as browsers follow it: `undefined` if it does not. */
export const redirected = (
  request: StreamRequest,
  { statusCode, headers: { location } }: IncomingMessage,
): StreamRequest | undefined => {
  if (!redirects.has(statusCode) || location === undefined) return undefined
  const target = URL.parse(location, request.url)
  if (target === null || !/^https?:$/.test(target.protocol)) return undefined
  const { method, body, headers } = request
  const becomesGet =
    statusCode === 303 ? method !== "HEAD" : method === "POST" && Number(statusCode) < 303
  return {
    url: target.href,
    method: becomesGet ? "GET" : method,
    body: becomesGet ? undefined : body,
    headers: target.origin === new URL(request.url).origin ? headers : withoutSecrets(headers),
  }
}

/** Headers that another server may get: any others may hold passwords. */
const forAll: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "content-type",
  "traceparent",
])

const withoutSecrets = (headers: StreamRequest["headers"]): StreamRequest["headers"] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => forAll.has(name)))
