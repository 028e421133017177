import * as Argument from "effect/cli/Argument"
import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { allowHostFlag } from "../flags/allow-host-flag.ts"
import { graceFlag } from "../flags/grace-flag.ts"
import { httpAddress } from "../flags/http-address.ts"
import { jsonFlag } from "../flags/json-flag.ts"
import { knownFlags } from "../flags/known-flags.ts"
import { markdownFlag } from "../flags/markdown-flag.ts"
import { memoryFlag } from "../flags/memory-flag.ts"
import { portFlag } from "../flags/port-flag.ts"
import { reportFlag } from "../flags/report-flag.ts"
import { streamRoutesFlag } from "../flags/stream-routes-flag.ts"

/** `watch` stays open during development, and lists no more than this memory holds. */
const watchMemory = 32 * 1024 * 1024

export const watchFlags = {
  command: Argument.String("COMMAND").pipe(
    Argument.withDescription(
      "The command that starts your program, after --, such as -- npm run dev",
    ),
    Argument.variadic(),
  ),
  port: portFlag("port", "Port of the page, 4090 by default, or a free one if that is taken").pipe(
    Flag.optional,
  ),
  otlpPort: portFlag(
    "otlp-port",
    "Port that takes spans: a free one with a COMMAND, 4318 by default without. With --jaeger a free one if that is taken",
  ).pipe(Flag.optional),
  host: Flag.String("host").pipe(
    Flag.withMetavar("ADDRESS"),
    Flag.withDescription("Address to listen on, 127.0.0.1 by default"),
    Flag.withDefault("127.0.0.1"),
  ),
  allowHosts: allowHostFlag,
  open: Flag.Boolean("open").pipe(
    Flag.withDescription("Open the page in a browser"),
    Flag.withDefault(false),
  ),
  out: Flag.String("out").pipe(
    Flag.withDescription("Append the spans to this file, one OTLP JSON export request a line"),
    Flag.withMetavar("FILE"),
    Flag.optional,
  ),
  jaeger: Flag.String("jaeger").pipe(
    Flag.withDescription("Also show traces from this Jaeger, which were never sent here"),
    Flag.withSchema(httpAddress("http://127.0.0.1:16686")),
    Flag.withMetavar("URL"),
    Flag.optional,
  ),
  editor: Flag.String("editor").pipe(
    Flag.withMetavar("EDITOR"),
    Flag.withDescription(
      "Editor that opens places in the code: vscode (by default), cursor, idea, zed, none, or an address with {path} and {line}",
    ),
    Flag.withDefault("vscode"),
  ),
  fail: Flag.Boolean("fail").pipe(
    Flag.withDescription("Exit with 1 if the program ended well and problems were found"),
    Flag.withDefault(false),
  ),
  streamRoutes: streamRoutesFlag,
  grace: graceFlag,
  memory: memoryFlag(watchMemory),
  ...knownFlags,
  report: reportFlag,
  markdown: markdownFlag,
  json: jsonFlag("Print what is news as JSON, one line each; the program's output goes to stderr"),
}

export type WatchWords = Command.Command.Config.Infer<typeof watchFlags>
