import * as Flag from "effect/cli/Flag"
import { DurationText } from "./duration-text.ts"
import { httpAddress } from "./http-address.ts"

/** What is read where a source is Jaeger's own address. */
export const jaegerFlags = {
  services: Flag.String("service").pipe(
    Flag.withDescription("Read the traces of this service from Jaeger; by default of all services"),
    Flag.withMetavar("NAME"),
    Flag.atLeast(0),
  ),
  lookback: Flag.String("lookback").pipe(
    Flag.withDescription("How far back to read from Jaeger, 1h by default"),
    Flag.withSchema(DurationText),
    Flag.withMetavar("DURATION"),
    Flag.optional,
  ),
}

/** Where links to Jaeger lead. */
export const jaegerPublicFlag = Flag.String("jaeger-public").pipe(
  Flag.withMetavar("URL"),
  Flag.withDescription("Address of Jaeger for a browser, used in links; --jaeger by default"),
  Flag.withSchema(httpAddress("http://127.0.0.1:16686")),
  Flag.optional,
)
