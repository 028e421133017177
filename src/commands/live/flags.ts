import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { defaultMemory } from "../../collector/memory.ts"
import { httpAddress } from "../flags/http-address.ts"
import { memoryFlag } from "../flags/memory-flag.ts"
import { portFlag } from "../flags/port-flag.ts"

export const liveFlags = {
  port: portFlag("port", "Port of the page, 4090 by default; 0 takes a free one").pipe(
    Flag.withDefault(4090),
  ),
  jaeger: Flag.String("jaeger").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription(
      "Address of Jaeger, http://127.0.0.1:16686 by default: if it answers, it gets the traces, and the page links to them",
    ),
    Flag.withSchema(httpAddress("http://127.0.0.1:16686")),
    Flag.withDefault("http://127.0.0.1:16686"),
  ),
  memory: memoryFlag(defaultMemory),
  otlp: Flag.String("otlp").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription("Address where that Jaeger takes spans; port 4318 of its host by default"),
    Flag.withSchema(httpAddress("http://127.0.0.1:4318")),
    Flag.optional,
  ),
}

export type LiveWords = Command.Command.Config.Infer<typeof liveFlags>
