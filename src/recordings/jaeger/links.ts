import { FINDING } from "../../../otel/attributes.ts"
import { withoutSlash } from "../../../otel/export/address.ts"

/** Where Jaeger's UI shows a trace; `address` is the one that a browser reaches it at. */
export const traceLink = (address: string, traceId: string): string =>
  `${withoutSlash(address)}/trace/${traceId}`

/** Where Jaeger's UI compares two traces. */
export const compareLink = (address: string, brokenId: string, fixedId: string): string =>
  `${withoutSlash(address)}/trace/${brokenId}...${fixedId}?cohort=${brokenId}&cohort=${fixedId}`

/** Where Jaeger's UI lists the traces of the last hour that a rule was found in. */
export const searchLink = (address: string, service: string, rule: string): string => {
  const query = new URLSearchParams({
    service,
    // Without a lookback or times, Jaeger's UI has no time range to ask for.
    lookback: "1h",
    tags: JSON.stringify({ [FINDING]: rule }),
  })
  return `${withoutSlash(address)}/search?${query}`
}
