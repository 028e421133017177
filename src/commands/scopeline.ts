import * as Command from "effect/cli/Command"
import { collectFlags } from "./collect/flags.ts"
import { compareFlags } from "./compare/flags.ts"
import { diagnoseFlags } from "./diagnose/flags.ts"
import { driveFlags } from "./drive/flags.ts"
import { liveFlags } from "./live/flags.ts"
import { loaded } from "./loaded.ts"
import { probeFlags } from "./probe/flags.ts"
import { listFlags, runFlags } from "./scenario/flags.ts"
import { serveFlags } from "./serve/flags.ts"
import { watchFlags } from "./watch/flags.ts"

const compare = Command.make(
  "compare",
  compareFlags,
  loaded(async () => (await import("./compare/run.ts")).compare),
).pipe(
  Command.withDescription(
    "Show two timelines: of the broken and the fixed stream, or of two recordings",
  ),
  Command.withExamples([
    {
      command: "scopeline compare",
      description: "The broken and the fixed stream of this project",
    },
    {
      command: "scopeline compare before.jsonl after.jsonl --report change.html",
      description: "What a change did to your program",
    },
    {
      command: "scopeline compare before/ after/",
      description: "Every recording in two folders",
    },
  ]),
)

const live = Command.make(
  "live",
  liveFlags,
  loaded(async () => (await import("./live/run.ts")).live),
).pipe(
  Command.withDescription("Watch the broken and the fixed stream live, on a page"),
  Command.withExamples([
    {
      command: "scopeline live",
      description: "The page is at http://127.0.0.1:4090",
    },
  ]),
)

const serve = Command.make(
  "serve",
  serveFlags,
  loaded(async () => (await import("./serve/run.ts")).serve),
).pipe(
  Command.withDescription("Run the event server: GET /event streams, POST /event publishes"),
  Command.withExamples([
    {
      command: "scopeline serve --cors '*'",
      description: "The broken stream, for pages of every origin",
    },
    {
      command: "scopeline serve --fixed --port 4097",
      description: "The fixed stream",
    },
  ]),
)

const collect = Command.make(
  "collect",
  collectFlags,
  loaded(async () => (await import("./collect/run.ts")).collect),
).pipe(
  Command.withDescription("Receive spans over OTLP/HTTP and print problems as they arrive"),
  Command.withExamples([
    {
      command: "scopeline collect --out trace.jsonl",
      description:
        "Until Ctrl-C; then start your program with OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318",
    },
    {
      command: "scopeline collect --port 0",
      description: "On a free port",
    },
  ]),
)

const diagnose = Command.make(
  "diagnose",
  diagnoseFlags,
  loaded(async () => (await import("./diagnose/run.ts")).diagnose),
).pipe(
  Command.withDescription("Find problems in recorded traces, from a file or from Jaeger"),
  Command.withExamples([
    {
      command: "scopeline diagnose trace.jsonl",
      description: "A file; several are read as one recording",
    },
    {
      command: "cat trace.jsonl | scopeline diagnose - --require-judged",
      description: "In CI: exits with 1 if nothing could be judged",
    },
    {
      command: "scopeline diagnose http://localhost:16686 --service shop --lookback 1h",
      description: "What Jaeger has",
    },
  ]),
)

const drive = Command.make(
  "drive",
  driveFlags,
  loaded(async () => (await import("./drive/run.ts")).drive),
).pipe(
  Command.withDescription(
    "Connect to a broken and a fixed server, and compare their traces in Jaeger",
  ),
  Command.withExamples([
    {
      command:
        "scopeline drive http://127.0.0.1:4096 http://127.0.0.1:4097 --jaeger http://127.0.0.1:16686",
      description: "Two servers that send their spans to this Jaeger",
    },
  ]),
)

const probe = Command.make(
  "probe",
  probeFlags,
  loaded(async () => (await import("./probe/run.ts")).probe),
).pipe(
  Command.withDescription("Connect to an event stream as a client, and report what it sees"),
  Command.withExamples([
    {
      command: "scopeline probe http://127.0.0.1:4096/event --hold 30s",
      description: "Whether the stream stays open",
    },
    {
      command:
        'scopeline probe https://example.com/mcp --expect-end --header \'authorization: Bearer TOKEN\' --data \'{"jsonrpc":"2.0","id":1,"method":"tools/list"}\'',
      description: "An answer of an MCP server",
    },
    {
      command: "scopeline probe http://127.0.0.1:3000/events --collect 4318",
      description: "With the spans of a server that sends them to port 4318",
    },
  ]),
)

const watch = Command.make(
  "watch",
  watchFlags,
  loaded(async () => (await import("./watch/run.ts")).watch),
).pipe(
  Command.withDescription(
    "Start your program, and show what happens in it on a page while it runs",
  ),
  Command.withExamples([
    {
      command: "scopeline watch -- npm run dev",
      description: "Exits with the code of the program",
    },
    {
      command: "scopeline watch --fail --report page.html -- npm test",
      description: "Exits with 1 if the tests passed and problems were found",
    },
    { command: "scopeline watch", description: "Takes spans on port 4318 until Ctrl-C" },
  ]),
)

const list = Command.make(
  "list",
  listFlags,
  loaded(async () => (await import("./scenario/list.ts")).listScenarios),
).pipe(Command.withDescription("List the scenarios"))

const run = Command.make(
  "run",
  runFlags,
  loaded(async () => (await import("./scenario/run.ts")).playScenario),
).pipe(
  Command.withDescription("Run a scenario with its bug or without it, and show what is found"),
  Command.withExamples([
    {
      command: "scopeline scenario run starved-stream",
      description: "With the bug",
    },
    {
      command: "scopeline scenario run starved-stream --fixed",
      description: "Without it",
    },
  ]),
)

const scenario = Command.make("scenario").pipe(
  Command.withDescription("Known lifetime bugs, each as a small program to run"),
  Command.withSubcommands([list, run]),
)

const commands = [watch, compare, live, serve, collect, diagnose, drive, probe, scenario] as const

/** Whether the words begin with a command, as `serve --fixed` and `scenario run` do. */
export const beginsWithCommand = ([name, part]: ReadonlyArray<string>): boolean =>
  commands.some((command) => command.name === name) &&
  (name !== scenario.name || part === undefined || [list, run].some((it) => it.name === part))

/** Every command with its flags. */
export const scopeline = Command.make("scopeline").pipe(
  Command.withDescription("See why an Effect stream died, or why it never will"),
  Command.withSubcommands(commands),
)
