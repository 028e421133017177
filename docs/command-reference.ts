import { PassThrough } from "node:stream"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import type { ArgDoc, ExampleDoc, FlagDoc, HelpDoc } from "effect/cli/HelpDoc"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { exitCodesOf } from "../src/commands/exit-codes.ts"
import { layerOf } from "../src/commands/invocation.ts"
import { scopeline } from "../src/commands/scopeline.ts"
import { fence, table } from "./markdown.ts"

/** The help of every command, the root first. */
export const commandHelp: Effect.Effect<ReadonlyArray<HelpDoc>> = Effect.suspend(() => helpFrom([]))

/** The help of the command with this name, and of all its subcommands. */
const helpFrom = (path: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<HelpDoc>> =>
  Effect.gen(function* () {
    const help = yield* helpOf(path)
    const below = (help.subcommands ?? []).flatMap(({ commands }) => commands)
    const helpBelow = yield* Effect.forEach(below, ({ name }) => helpFrom([...path, name]))
    return [help, ...helpBelow.flat()]
  })

const helpOf = Effect.fnUntraced(function* (path: ReadonlyArray<string>) {
  const shown: Array<HelpDoc> = []
  const keep = CliOutput.layerPresenter({
    present: (event) =>
      Effect.sync(() => {
        if (event._tag === "Help") shown.push(event.helpDoc)
      }),
  })
  const words = [...path, "--help"]
  yield* Command.runWith(scopeline, { version: "" })(words).pipe(
    Effect.provide(keep),
    Effect.provide(layerOf(surroundings(words))),
    Effect.orDie,
  )
  const [help] = shown
  return help ?? (yield* Effect.die(new Error(`${words.join(" ")} showed no help.`)))
})

/** A command line that only prints help. */
const surroundings = (words: ReadonlyArray<string>) => ({
  words,
  variables: {},
  stdin: () => new PassThrough(),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  stopRequests: { listen: () => () => {}, forward: () => () => {} },
  heap: { keepSmall: () => {}, keepModest: () => {} },
})

/** Every command with its arguments, flags and examples, as Markdown. */
export const commandReference = (commands: ReadonlyArray<HelpDoc>): string => {
  const [root, ...others] = commands
  return [
    ...others.flatMap(section),
    "### Flags of every command",
    flagTable(root?.globalFlags ?? []),
  ].join("\n\n")
}

const section = (help: HelpDoc): ReadonlyArray<string> => {
  const { description, usage, args = [], flags, examples = [] } = help
  return [
    `### \`${(help.commandPath ?? []).slice(1).join(" ")}\``,
    `${description}.`,
    fence("text", usage),
    ...(args.length === 0 ? [] : [table([["argument", "meaning"], ...args.map(argumentCells)])]),
    ...(flags.length === 0 ? [] : [flagTable(flags)]),
    ...(examples.length === 0 ? [] : [fence("sh", examples.map(exampleText).join("\n\n"))]),
    ...exitCodesText(help),
  ]
}

const exitCodesText = ({ commandPath }: HelpDoc): ReadonlyArray<string> => {
  const codes = exitCodesOf(commandPath)
  return codes.length === 0
    ? []
    : [
        table([
          ["exit code", "meaning"],
          ...codes.map(([code, meaning]) => [`\`${code}\``, meaning]),
        ]),
      ]
}

const flagTable = (flags: ReadonlyArray<FlagDoc>): string =>
  table([["flag", "meaning"], ...flags.map(flagCells)])

const argumentCells = ({ name, description, required }: ArgDoc): ReadonlyArray<string> => [
  `\`${name}\``,
  sentence(description) + (required ? "" : " Optional."),
]

const flagCells = ({ name, aliases, type, description }: FlagDoc): ReadonlyArray<string> => [
  [
    `\`--${name}${type === "boolean" ? "" : ` ${type}`}\``,
    ...aliases.map((it) => `\`${it}\``),
  ].join(", "),
  sentence(description),
]

const sentence = (description: Option.Option<string>): string =>
  `${Option.getOrElse(description, () => "").replace(/\.$/, "")}.`

const exampleText = ({ command, description }: ExampleDoc): string =>
  description === undefined ? command : `# ${description}\n${command}`
