import * as NodeServices from "@effect/platform-node/NodeServices"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import packageJson from "../package.json" with { type: "json" }
import { collect } from "./cli/collect.ts"
import { compare } from "./cli/compare.ts"
import { diagnose } from "./cli/diagnose.ts"
import { drive } from "./cli/drive.ts"
import { endingOf } from "./cli/exit-code.ts"
import { live } from "./cli/live.ts"
import { presenter } from "./cli/presenter.ts"
import { probe } from "./cli/probe.ts"
import { scenario } from "./cli/scenario.ts"
import { serve } from "./cli/serve.ts"

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
