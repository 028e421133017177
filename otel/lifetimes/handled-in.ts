import { indexed } from "./indexed.ts"
import type { CodeLocation, Exchange } from "./model.ts"

/** The request's scope is the first one, if it was seen. */
const find = ({ scopes }: Exchange) => ({ around: scopes.find(({ role }) => role === "request") })

const found = indexed(find)

/**
 * Where the function is called that gave the response. Its body has no place of its own: it runs when the function has
 * returned.
 */
export const handledIn = (exchange: Exchange): CodeLocation | undefined => {
  const { around } = found(exchange) ?? find(exchange)
  return around?.isAroundCall === true ? around.code : undefined
}
