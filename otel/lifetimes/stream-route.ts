import type { Exchange } from "./model.ts"

const eventStream = "text/event-stream"

/**
 * Stock spans do not have the content type of a response. If a route is declared as one of event streams, by
 * its path (`/event`) or with its method (`GET /event`), its exchanges count as event streams, unless their
 * spans say otherwise.
 */
export const asEventStream = (exchange: Exchange, routes: ReadonlyArray<string>): Exchange =>
  exchange.contentType === undefined && routes.some((route) => isOn(exchange.route, route))
    ? { ...exchange, contentType: eventStream }
    : exchange

const isOn = (route: string, named: string): boolean =>
  route === named || (named.startsWith("/") && route.slice(route.indexOf(" ") + 1) === named)
