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
)

const live = Command.make(
  "live",
  liveFlags,
  loaded(async () => (await import("./live/run.ts")).live),
).pipe(Command.withDescription("Watch the broken and the fixed stream live, on a page"))

const serve = Command.make(
  "serve",
  serveFlags,
  loaded(async () => (await import("./serve/run.ts")).serve),
).pipe(Command.withDescription("Run the event server: GET /event streams, POST /event publishes"))

const collect = Command.make(
  "collect",
  collectFlags,
  loaded(async () => (await import("./collect/run.ts")).collect),
).pipe(Command.withDescription("Receive spans over OTLP/HTTP and print problems as they arrive"))

const diagnose = Command.make(
  "diagnose",
  diagnoseFlags,
  loaded(async () => (await import("./diagnose/run.ts")).diagnose),
).pipe(Command.withDescription("Find problems in recorded traces, from a file or from Jaeger"))

const drive = Command.make(
  "drive",
  driveFlags,
  loaded(async () => (await import("./drive/run.ts")).drive),
).pipe(
  Command.withDescription(
    "Connect to a broken and a fixed server, and compare their traces in Jaeger",
  ),
)

const probe = Command.make(
  "probe",
  probeFlags,
  loaded(async () => (await import("./probe/run.ts")).probe),
).pipe(Command.withDescription("Connect to an event stream as a client, and report what it sees"))

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
).pipe(Command.withDescription("Run a scenario with its bug or without it, and show what is found"))

const scenario = Command.make("scenario").pipe(
  Command.withDescription("Known lifetime bugs, each as a small program to run"),
  Command.withSubcommands([list, run]),
)

/** Every command with its flags. */
export const scopeline = Command.make("scopeline").pipe(
  Command.withDescription("See why an Effect stream died, or why it never will"),
  Command.withSubcommands([watch, compare, live, serve, collect, diagnose, drive, probe, scenario]),
)
