import * as NodeServices from "@effect/platform-node/NodeServices"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import packageJson from "../package.json" with { type: "json" }
import { collect } from "./commands/collect/command.ts"
import { compare } from "./commands/compare/command.ts"
import { diagnose } from "./commands/diagnose/command.ts"
import { drive } from "./commands/drive/command.ts"
import { endingOf } from "./commands/exit-code.ts"
import { live } from "./commands/live/command.ts"
import { probe } from "./commands/probe/command.ts"
import { scenario } from "./commands/scenario/command.ts"
import { serve } from "./commands/serve/command.ts"
import { presenter } from "./commands/terminal/presenter.ts"

const scopeline = Command.make("scopeline").pipe(
  Command.withDescription("See why an Effect stream died, or why it never will"),
  Command.withSubcommands([compare, live, serve, collect, diagnose, drive, probe, scenario]),
)

const args = process.argv.slice(2)
const exit = await Command.runWith(scopeline, { version: packageJson.version })(args).pipe(
  Effect.provide([
    NodeServices.layer,
    CliOutput.layerPresenter(presenter),
    Layer.succeed(Logger.LogToStderr, true), // stdout is for results
  ]),
  Effect.runPromiseExit,
)
const { code, message } = endingOf(exit, args.includes("--verbose"))
if (message !== undefined) console.error(message)
process.exit(code)
