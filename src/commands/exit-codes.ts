/** What an exit code of a command means. */
type ExitCode = readonly [code: string, meaning: string]

const mistake: ExitCode = ["2", "a mistake in the command line or its input"]
const stopped: ReadonlyArray<ExitCode> = [["0", "it was asked to stop"], mistake]

/** By the command, as `scenario run`. */
const exitCodes: Readonly<Record<string, ReadonlyArray<ExitCode>>> = {
  watch: [
    ["N", "the exit code of your program; 0 without one"],
    ["1", "with --fail: your program ended well, and problems are left"],
    mistake,
  ],
  compare: [
    ["0", "AFTER has no new finding, or every variant showed what it must show"],
    ["1", "AFTER has a new finding, or a variant showed something else"],
    mistake,
  ],
  live: stopped,
  serve: stopped,
  collect: [
    ["0", "no problems found"],
    ["1", "findings, or spans that could not be written"],
    mistake,
  ],
  diagnose: [
    ["0", "no problems found, even if nothing could be judged"],
    ["1", "findings, or with --require-judged nothing could be judged"],
    mistake,
  ],
  drive: [
    ["0", "both servers showed what they must show"],
    ["1", "a server showed something else"],
    mistake,
  ],
  probe: [
    ["0", "the stream was as expected"],
    ["1", "findings, a difference to --baseline, or no event stream"],
    mistake,
  ],
  "scenario run": [
    ["0", "the broken program gives exactly its rule, the fixed one nothing"],
    ["1", "something else was found"],
    mistake,
  ],
}

/** The exit codes of the command with this path, the root first; none for what only has commands below it. */
export const exitCodesOf = (path: ReadonlyArray<string> = []): ReadonlyArray<ExitCode> =>
  exitCodes[path.slice(1).join(" ")] ?? []
