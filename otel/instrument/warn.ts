import type * as Console from "effect/Console"

const told = new WeakMap<Console.Console, Set<string>>()

/**
 * Says on stderr, once, what is wrong with the observation itself: not through the program's loggers, which
 * write to stdout by default, and belong to the program. Where a Layer knows its console, it says it there.
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
    // A console that throws is the program's own, and no reason to stop it.
  }
}
