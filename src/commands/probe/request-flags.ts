import { METHODS, validateHeaderName, validateHeaderValue } from "node:http"
import * as Flag from "effect/cli/Flag"
import * as Schema from "effect/Schema"
import type { RequestParts } from "../../probe/traced-client.ts"

const isHeader = (text: string): boolean => {
  const [name, value] = headerIn(text)
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return true
  } catch {
    return false
  }
}

const headerIn = (text: string): readonly [name: string, value: string] => {
  const colon = text.indexOf(":")
  return [text.slice(0, Math.max(colon, 0)).trim().toLowerCase(), text.slice(colon + 1).trim()]
}

const Header = Schema.String.check(
  Schema.makeFilter((text: string) =>
    isHeader(text) ? undefined : 'a header is expected, as "authorization: Bearer TOKEN"',
  ),
)

/** A tunnel cannot ask for a stream. */
const methods = METHODS.filter((method) => method !== "CONNECT")

const Method = Schema.String.check(
  Schema.makeFilter((text: string) =>
    methods.includes(text.toUpperCase()) ? undefined : "a method of HTTP is expected, as POST",
  ),
)

export const requestFlags = {
  header: Flag.String("header").pipe(
    Flag.withMetavar("HEADER"),
    Flag.withDescription('A header to send, as "authorization: Bearer TOKEN"; may be repeated'),
    Flag.withSchema(Header),
    Flag.atLeast(0),
  ),
  method: Flag.String("method").pipe(
    Flag.withMetavar("METHOD"),
    Flag.withDescription("How to ask: GET by default, POST with --data"),
    Flag.withSchema(Method),
    Flag.optional,
  ),
  data: Flag.String("data").pipe(
    Flag.withMetavar("TEXT"),
    Flag.withDescription("A body to send, as JSON unless a --header content-type says otherwise"),
    Flag.optional,
  ),
}

interface RequestWords {
  readonly header: ReadonlyArray<string>
  readonly method: string | undefined
  readonly data: string | undefined
}

/** The request to send: with a body, as MCP's streamable HTTP asks for it. */
export const requestOf = ({ header, method, data }: RequestWords): RequestParts => ({
  method: method?.toUpperCase() ?? (data === undefined ? "GET" : "POST"),
  headers: {
    ...(data === undefined
      ? {}
      : { accept: "application/json, text/event-stream", "content-type": "application/json" }),
    ...Object.fromEntries(header.map(headerIn)),
  },
  body: data,
})
