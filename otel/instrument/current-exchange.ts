import * as Context from "effect/Context"
import type * as Fiber from "effect/Fiber"
import type { ExchangeRecord } from "./records.ts"

/** The exchange that a fiber works for, also after that has ended; see `exchangeOf`. */
export const CurrentExchange = Context.Reference<ExchangeRecord | undefined>(
  "scopeline/CurrentExchange",
  { defaultValue: () => undefined },
)

/** The exchange to which what a fiber begins now belongs. A fork that outlives it is on its own. */
export const exchangeOf = (fiber: Fiber.Fiber<unknown, unknown>): ExchangeRecord | undefined => {
  const exchange = fiber.getRef(CurrentExchange)
  return exchange?.settled === true ? undefined : exchange
}
