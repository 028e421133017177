import { runCommand } from "../support/command.ts"

/** What the program itself says it accepts. */
export interface Usage {
  readonly commands: ReadonlyArray<string>
  /** The flags, and whether each takes a value. */
  readonly flags: ReadonlyMap<string, boolean>
  /** The positional arguments that are required. */
  readonly required: ReadonlyArray<string>
}

const section = (text: string, title: string): ReadonlyArray<string> => {
  const lines = text.split("\n")
  const start = lines.findIndex((line) => line.trim() === title)
  if (start === -1) return []
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => line.trim() !== "" && !line.startsWith(" "))
  return (end === -1 ? rest : rest.slice(0, end)).filter((line) => line.trim() !== "")
}

const matches = (lines: ReadonlyArray<string>, pattern: RegExp) =>
  lines.flatMap((line) => {
    const match = pattern.exec(line)
    return match === null ? [] : [match]
  })

const asked = new Map<string, Promise<Usage>>()

/** Asks the program once for each command. */
export const usageOf = (...command: ReadonlyArray<string>): Promise<Usage> => {
  const key = command.join(" ")
  const usage = asked.get(key) ?? askUsage(command)
  asked.set(key, usage)
  return usage
}

const askUsage = async (command: ReadonlyArray<string>): Promise<Usage> => {
  const { stdout: text } = await runCommand([...command, "--help"])
  const flags = matches(section(text, "FLAGS"), /^ +(--[\w-]+)(?:, -\w)?( \S+)?/)
  return {
    commands: matches(section(text, "SUBCOMMANDS"), /^ +([\w-]+)/).map(([, name]) => name ?? ""),
    flags: new Map(flags.map(([, name, value]) => [name ?? "", value !== undefined])),
    required: [
      ...section(text, "USAGE")
        .join(" ")
        .matchAll(/<(\w+)>/g),
    ]
      .map(([, name]) => name ?? "")
      .filter((name) => name === name.toUpperCase()),
  }
}

export interface Invocation {
  readonly flags: ReadonlyArray<string>
  readonly positional: ReadonlyArray<string>
}

/** Splits the words after a command into flags and arguments, as that command's usage has them. */
export const readInvocation = (usage: Usage, words: ReadonlyArray<string>): Invocation => {
  const flags: Array<string> = []
  const positional: Array<string> = []
  let valueExpected = false
  for (const word of words) {
    if (valueExpected) valueExpected = false
    else if (word.startsWith("--")) {
      flags.push(word)
      valueExpected = usage.flags.get(word) ?? false
    } else positional.push(word)
  }
  return { flags, positional }
}
