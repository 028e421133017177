import type { Exchange } from "./model.ts"

const eventStream = "text/event-stream"

/**
 * Stock spans do not tell the content type of a response. An exchange of a route that is named as one
 * of event streams, by its path (`/event`) or with its method (`GET /event`), counts as an event
 * stream where its span does not say otherwise.
 */
export const asEventStream = (exchange: Exchange, routes: ReadonlyArray<string>): Exchange =>
  exchange.contentType === undefined && routes.some((route) => isOn(exchange.route, route))
    ? { ...exchange, contentType: eventStream }
    : exchange

const isOn = (route: string, named: string): boolean =>
  route === named || (named.startsWith("/") && route.slice(route.indexOf(" ") + 1) === named)
