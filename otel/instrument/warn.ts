const told = new Set<string>()

/**
 * Says on stderr, once, what is wrong with the observation itself: not through the program's loggers, which
 * write to stdout by default, and belong to the program.
 */
export const warn = (message: string, cause?: unknown): void => {
  if (told.has(message)) return
  told.add(message)
  try {
    if (cause === undefined) console.error(message)
    else console.error(message, cause)
  } catch {
    // A console that throws is the program's own, and no reason to stop it.
  }
}
