import type { Exchange } from "./spans/exchange.ts"

/** An exchange with fewer lifetimes is searched as fast as a table of it is made. */
export const worthATable = 32

/**
 * Makes a table of an exchange when it is first asked for, and once. It gives `undefined` where the exchange is
 * small or still changes: then what is looked for is searched.
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
