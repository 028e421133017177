import { Console } from "node:console"

/**
 * Writes lines on stderr, past a console that the program has changed. A reader of stderr that is gone ends no
 * program: an error of `process.stderr` would, and this console ignores it.
 */
export const writeToStderr = (lines: string): void => {
  terminal ??= new Console(process.stderr)
  terminal.log(lines.replace(/\n$/, ""))
}

let terminal: Console | undefined
