/** The name of an exchange whose path does not distinguish it from others. */
import {
  EXCHANGE_NAME,
  HTTP_METHOD,
  HTTP_ROUTE,
  OLD_HTTP_METHOD,
  OLD_HTTP_TARGET,
  OLD_HTTP_URL,
  URL_PATH,
} from "../../attributes.ts"
import { asText } from "../attribute-reader.ts"
import type { Attributes, Span } from "../span.ts"
import type { Unread } from "./entry.ts"
import { always, type Field, put } from "./field.ts"

/** As Effect's `RpcServer` writes them; `Toolkit` adds the tool that is called. */
const RPC_METHOD = "rpc.method"
const TOOL = "tool"

/** The method of an exchange that becomes a WebSocket: `WebSocket /chat`. */
export const webSocket = "WebSocket"

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined

const mcpMethod = /^@effect\/mcp\/[^/]+\/(.+)$/

/** `RPC ticks`, or `MCP GetTime`: a call has its own name, whatever connection it came by. */
export const callNamed = (value: (attribute: string) => unknown): string | undefined => {
  const method = textOf(value(RPC_METHOD))
  if (method === undefined) return undefined
  const [, mcp] = mcpMethod.exec(method) ?? []
  return mcp === undefined ? `RPC ${method}` : `MCP ${textOf(value(TOOL)) ?? mcp}`
}

/** What a span served: a template, or a path if nothing else is known. */
export const pathOf = ({ attributes }: Pick<Span, "attributes">): string | undefined =>
  asText(attributes[HTTP_ROUTE]) ?? asText(attributes[URL_PATH]) ?? oldPathOf(attributes)

const oldPathOf = (attributes: Attributes): string | undefined => {
  const target = asText(attributes[OLD_HTTP_TARGET]) ?? asText(attributes[OLD_HTTP_URL])
  const path = target?.replace(/^[a-z]+:\/\/[^/?#]*/i, "").replace(/[?#].*/s, "")
  return path === "" ? "/" : path
}

const methodOf = (attributes: Attributes): string | undefined =>
  asText(attributes[HTTP_METHOD]) ?? asText(attributes[OLD_HTTP_METHOD])

/** Whether a server span says what it served. */
export const isNamed = (span: Pick<Span, "attributes">): boolean =>
  pathOf(span) !== undefined || nameIn(span.attributes) !== undefined

const nameIn = (attributes: Attributes): string | undefined =>
  asText(attributes[EXCHANGE_NAME]) ?? callNamed((attribute) => attributes[attribute])

/** Whether it is `GET /event`, from the method and the path, and neither a call nor a socket. */
export const isHttp = (route: string): boolean => /^[A-Z]+ \//.test(route)

/** Whether it is `WebSocket /chat`. */
export const isSocket = (route: string): boolean => route.startsWith(`${webSocket} `)

/** Whether it is `RPC ticks`, or `MCP GetTime`. */
export const isCall = (route: string): boolean => /^(?:RPC|MCP) /.test(route)

/** The same for a span that has its method and path itself. */
export const nameNote: Unread<{ readonly route: string }> = {
  side: "write",
  rows: [],
  tell: ({ route }, to) => {
    if (!isHttp(route)) put(to, EXCHANGE_NAME, route)
  },
}

/** Only if the method and the path do not say it. */
export const nameOfExchange: Field<string> = {
  side: "both",
  rows: [
    {
      stands: "attribute",
      name: EXCHANGE_NAME,
      values: "text",
      says: "What it is called where its method and path do not say it: `RPC ticks`, `MCP GetTime`, `WebSocket /chat`.",
    },
    { stands: "attribute", name: HTTP_METHOD, values: "text", says: "The method." },
    { stands: "attribute", name: HTTP_ROUTE, values: "text", says: "The template of the path." },
    {
      stands: "attribute",
      name: URL_PATH,
      values: "text",
      says: "The path, if there is no template.",
      writtenBy: "Effect",
    },
  ],
  reading: {
    of: "place",
    read: (place) => {
      const name = nameIn(place.attributes)
      if (name !== undefined) return name
      const method = methodOf(place.attributes)
      const path = pathOf(place) ?? ""
      return method === undefined ? path : `${method} ${path}`
    },
  },
  absent: always,
  write: (value, to) => {
    if (!isHttp(value)) {
      put(to, EXCHANGE_NAME, value)
      return
    }
    const [method, path] = value.split(" ", 2)
    put(to, HTTP_METHOD, method)
    put(to, HTTP_ROUTE, path)
  },
}
