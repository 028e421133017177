import * as Argument from "effect/cli/Argument"
import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { variantNames } from "../../server/variant-name.ts"
import { DurationText } from "../flags/duration-text.ts"
import { graceFlag } from "../flags/grace-flag.ts"
import { httpAddress } from "../flags/http-address.ts"
import { jaegerFlags, jaegerPublicFlag } from "../flags/jaeger-flags.ts"
import { jsonFlag } from "../flags/json-flag.ts"
import { knownFlags } from "../flags/known-flags.ts"
import { markdownFlag } from "../flags/markdown-flag.ts"
import { reportFlag } from "../flags/report-flag.ts"
import { streamRoutesFlag } from "../flags/stream-routes-flag.ts"

export const compareFlags = {
  before: Argument.String("BEFORE").pipe(
    Argument.withDescription(
      "A recording, or a folder of recordings, from before a change, as for diagnose; the address of a comparison in Jaeger is both recordings",
    ),
    Argument.optional,
  ),
  after: Argument.String("AFTER").pipe(
    Argument.withDescription("A recording, or a folder of recordings, from after the change"),
    Argument.optional,
  ),
  ...jaegerFlags,
  streamRoutes: streamRoutesFlag,
  grace: graceFlag,
  variants: Flag.String("variants").pipe(
    Flag.withMetavar("NAMES"),
    Flag.withDescription(
      `Which of ${variantNames.join(", ")} to compare, in order; broken,fixed by default`,
    ),
    Flag.optional,
  ),
  otlp: Flag.String("otlp").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription("Also send the traces to this OTLP/HTTP address, e.g. Jaeger's"),
    Flag.withSchema(httpAddress("http://127.0.0.1:4318")),
    Flag.optional,
  ),
  jaeger: Flag.String("jaeger").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription("Address of Jaeger's API; by default port 16686 of the --otlp host"),
    Flag.withSchema(httpAddress("http://127.0.0.1:16686")),
    Flag.optional,
  ),
  jaegerPublic: jaegerPublicFlag,
  wait: Flag.String("wait").pipe(
    Flag.withDescription("How long the traces may take to arrive in Jaeger, 60s by default"),
    Flag.withSchema(DurationText),
    Flag.withMetavar("DURATION"),
    Flag.optional,
  ),
  ...knownFlags,
  report: reportFlag,
  markdown: markdownFlag,
  json: jsonFlag("Print one JSON document instead of the timelines"),
}

export type CompareWords = Command.Command.Config.Infer<typeof compareFlags>
