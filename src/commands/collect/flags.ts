import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { defaultMemory } from "../../collector/memory.ts"
import { allowHostFlag } from "../flags/allow-host-flag.ts"
import { memoryFlag } from "../flags/memory-flag.ts"
import { portFlag } from "../flags/port-flag.ts"

export const collectFlags = {
  port: portFlag("port", "Port to listen on, 4318 by default; 0 takes a free one").pipe(
    Flag.withDefault(4318),
  ),
  host: Flag.String("host").pipe(
    Flag.withMetavar("ADDRESS"),
    Flag.withDescription("Address to listen on, 127.0.0.1 by default"),
    Flag.withDefault("127.0.0.1"),
  ),
  allowHosts: allowHostFlag,
  out: Flag.String("out").pipe(
    Flag.withDescription("Append the spans to this file, one OTLP JSON export request a line"),
    Flag.withMetavar("FILE"),
    Flag.optional,
  ),
  memory: memoryFlag(defaultMemory),
}

export type CollectWords = Command.Command.Config.Infer<typeof collectFlags>
