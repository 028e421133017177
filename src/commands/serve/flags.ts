import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { allowHostFlag } from "../flags/allow-host-flag.ts"
import { DurationText } from "../flags/duration-text.ts"
import { portFlag } from "../flags/port-flag.ts"

export const serveFlags = {
  fixed: Flag.Boolean("fixed").pipe(
    Flag.withDescription("Run the fixed stream, even if FIXED_SSE says otherwise"),
    Flag.withDefault(false),
  ),
  port: portFlag("port", "Port to listen on, 4096 by default; 0 takes a free one").pipe(
    Flag.withDefault(4096),
  ),
  host: Flag.String("host").pipe(
    Flag.withMetavar("ADDRESS"),
    Flag.withDescription("Address to listen on, 127.0.0.1 by default"),
    Flag.withDefault("127.0.0.1"),
  ),
  allowHosts: allowHostFlag,
  stall: Flag.String("stall").pipe(
    Flag.withDescription(
      "Disconnect a client that leaves what waits for it unread for so long, 60s by default; 0s for never",
    ),
    Flag.withSchema(DurationText),
    Flag.withMetavar("DURATION"),
    Flag.withDefault(60_000),
  ),
  markOpen: Flag.Boolean("mark-open").pipe(
    Flag.withDescription(
      "Also send a span for everything that stays open, after 1 s, 10 s, 1 min and 10 min",
    ),
    Flag.withDefault(false),
  ),
  cors: Flag.String("cors").pipe(
    Flag.withMetavar("ORIGINS"),
    Flag.withDescription("Origins that browsers may call from, comma-separated; * for any"),
    Flag.optional,
  ),
}

export type ServeWords = Command.Command.Config.Infer<typeof serveFlags>
