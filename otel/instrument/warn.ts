import type * as Console from "effect/Console"

const told = new WeakMap<Console.Console, Set<string>>()

/**
 * Prints on stderr, once, what is wrong with the observation itself. The program's loggers belong to the
 * program and write to stdout by default, so they are not used. If a Layer knows its console, it prints there.
 */
export const warn = (
  message: string,
  { cause, console = globalThis.console }: { cause?: unknown; console?: Console.Console } = {},
): void => {
  const before = told.get(console) ?? new Set()
  if (before.has(message)) return
  told.set(console, before.add(message))
  try {
    if (cause === undefined) console.error(message)
    else console.error(message, cause)
  } catch {
    // If the program's own console throws, that is no reason to stop the program.
  }
}
