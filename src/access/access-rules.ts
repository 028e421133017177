import { isIP } from "node:net"
import { isAnyAddress } from "./any-address.ts"
import { isLoopback } from "./loopback.ts"

/** Who may ask a server. */
export interface AccessRules {
  /** The address that it listens on. */
  readonly host: string
  /** The names under which it may be asked, besides that address and this machine's names. */
  readonly allowHosts?: ReadonlyArray<string>
  /** The origins whose pages may ask it, besides its own; `*` for any. */
  readonly origins?: ReadonlyArray<string>
}

interface RequestHeaders {
  readonly host?: string | undefined
  readonly origin?: string | undefined
}

/**
 * Why a request is refused, in a sentence; `undefined` if it is allowed. A page in a browser can make its own
 * name lead to this machine: then the request has that name. And it can send to another server what it cannot
 * read: then the request has the page's origin.
 */
export const whyRefused = (
  { host, origin }: RequestHeaders,
  rules: AccessRules,
): string | undefined => {
  const asked = nameIn(host)
  if (asked === undefined) return "The request does not say its host."
  if (!isAllowedHost(asked, rules)) {
    return `This server is not asked as ${JSON.stringify(asked)}: allow that name with --allow-host.`
  }
  if (origin !== undefined && !isAllowedOrigin(origin, host, rules)) {
    return `Pages of ${JSON.stringify(origin)} may not ask this server.`
  }
  return undefined
}

/** The name in a `Host` header, without its port. */
const nameIn = (host: string | undefined): string | undefined => {
  if (host === undefined || /[/?#@\\]/.test(host)) return undefined
  const name = URL.parse(`http://${host}`)?.hostname
  return name === "" ? undefined : name
}

const isAllowedHost = (asked: string, { host, allowHosts = [] }: AccessRules): boolean => {
  if (isLoopback(asked)) return true
  if (isAnyAddress(host) && isIP(asked.replace(/^\[|\]$/g, "")) !== 0) return true
  return [host, ...allowHosts].some((allowed) => nameIn(bracketed(allowed)) === asked)
}

const bracketed = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host)

const isAllowedOrigin = (
  origin: string,
  host: string | undefined,
  { origins = [] }: AccessRules,
): boolean => origins.includes("*") || origins.includes(origin) || URL.parse(origin)?.host === host
