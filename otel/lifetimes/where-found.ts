import type { Finding } from "./finding.ts"

/**
 * What a heading says of where something was found: the exchange, and the lifetime that owns the bug. The server's
 * span is called after its method, and perhaps its path, so it adds nothing.
 */
export const whereFound = ({
  route,
  operation,
}: Pick<Finding, "route" | "operation">): ReadonlyArray<string> =>
  [route, isOfRoute(operation, route) ? "" : operation].filter((part) => part !== "")

/** `GET`, `GET /event` or `http.server GET` of `GET /event`. */
const isOfRoute = (operation: string, route: string): boolean =>
  `${route} `.startsWith(`${operation.replace(/^http\.server /, "")} `)
