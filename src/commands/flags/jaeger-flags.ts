import * as Flag from "effect/cli/Flag"
import { DurationText } from "./duration-text.ts"

/** What is read where a source is Jaeger's own address. */
export const jaegerFlags = {
  services: Flag.String("service").pipe(
    Flag.withDescription("Read this service's traces from Jaeger, all services' by default"),
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
