import * as Argument from "effect/cli/Argument"
import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { DurationText } from "../flags/duration-text.ts"
import { httpAddress } from "../flags/http-address.ts"
import { jaegerPublicFlag } from "../flags/jaeger-flags.ts"
import { markdownFlag } from "../flags/markdown-flag.ts"

const address = (name: string, description: string) =>
  Argument.String(name).pipe(
    Argument.withDescription(description),
    Argument.withSchema(httpAddress("http://127.0.0.1:4096")),
  )

export const driveFlags = {
  broken: address("BROKEN_URL", "Where the broken server listens"),
  fixed: address("FIXED_URL", "Where the fixed server listens"),
  jaeger: Flag.String("jaeger").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription("Address of Jaeger's API"),
    Flag.withSchema(httpAddress("http://127.0.0.1:16686")),
  ),
  jaegerPublic: jaegerPublicFlag,
  page: Flag.String("page").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription("Address of the page of scopeline watch for a browser, printed first"),
    Flag.withSchema(httpAddress("http://127.0.0.1:4090")),
    Flag.optional,
  ),
  wait: Flag.String("wait").pipe(
    Flag.withMetavar("DURATION"),
    Flag.withDescription("How long the traces may take to arrive in Jaeger, 60s by default"),
    Flag.withSchema(DurationText),
    Flag.withDefault(60_000),
  ),
  markdown: markdownFlag,
}

export type DriveWords = Command.Command.Config.Infer<typeof driveFlags>
