import { HTTP_ROUTE } from "../../attributes.ts"
import { callNamed } from "../../lifetimes/spans/exchange-name.ts"
import type { ExchangeRecord } from "./record.ts"

/**
 * Takes the name of an exchange once it is known: the router writes the template of the path on the server
 * span, and Effect's RpcServer writes the method of a call. Until then only the path of the request is known.
 */
export const takeRoute = (exchange: ExchangeRecord): void => {
  const { attributes } = exchange.serverSpan
  const call = callNamed((attribute) => attributes.get(attribute))
  const template = attributes.get(HTTP_ROUTE)
  if (call !== undefined) exchange.route = call
  else if (typeof template === "string") {
    const method = exchange.route.slice(0, exchange.route.indexOf(" "))
    exchange.route = `${method} ${template}`
  }
}
