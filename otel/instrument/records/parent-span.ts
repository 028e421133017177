import type { ExchangeRecord, Parent, ScopeRecord } from "./record.ts"

/** A lifetime hangs under the scope it lives in, and otherwise under its exchange. */
export const parentSpan = (
  exchange: ExchangeRecord | undefined,
  scope: ScopeRecord | undefined,
): Parent | undefined => {
  const above = scope !== undefined && scope.exchange === exchange ? scope : exchange
  return above === undefined ? undefined : { ...above.span, sampled: exchange?.sampled ?? true }
}
