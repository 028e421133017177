import { Console } from "node:console"

/**
 * Writes lines on stderr, past a console that the program has changed. If the reader of stderr is gone, an
 * error of `process.stderr` would end the program; this console ignores it.
 */
export const writeToStderr = (lines: string): void => {
  terminal ??= new Console(process.stderr)
  terminal.log(lines.replace(/\n$/, ""))
}

let terminal: Console | undefined
