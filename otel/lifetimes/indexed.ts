import type { Exchange } from "./spans/exchange.ts"

/** An exchange with fewer lifetimes can be searched as fast as a table can be built. */
export const worthATable = 32

/**
 * Builds a table of an exchange the first time it is needed. It returns `undefined` if the exchange is small or
 * still changes: then callers search.
 */
export const indexed = <Table extends object>(
  make: (exchange: Exchange) => Table,
): ((exchange: Exchange) => Table | undefined) => {
  const tables = new WeakMap<Exchange, Table>()
  return (exchange) => {
    if (exchange.isLarge !== true) return undefined
    const known = tables.get(exchange)
    if (known !== undefined) return known
    const table = make(exchange)
    tables.set(exchange, table)
    return table
  }
}
