import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Line } from "../../../otel/timeline/segment.ts"
import type { Output } from "./output.ts"
import { paint } from "./paint.ts"

/** The terminal that a command writes to. */
export class Screen extends Context.Service<
  Screen,
  {
    readonly width: number
    readonly color: boolean
    /** Standard error, if somebody watches it, for a line that comes and goes. */
    readonly status: Output | undefined
  }
>()("scopeline/Screen") {}

const widest = 120

/** Colour only for a terminal that supports it, and not if `NO_COLOR` is set to anything. */
export const screenOf = (
  stdout: Output,
  stderr: Output,
  { NO_COLOR, TERM }: Readonly<Record<string, string | undefined>>,
): Screen["Service"] => ({
  width: Math.min(stdout.columns ?? 100, widest),
  color: stdout.isTTY === true && (NO_COLOR ?? "") === "" && TERM !== "dumb",
  status: stderr.isTTY === true ? stderr : undefined,
})

/** Prints lines that fit the screen, with the empty lines at their end. */
export const printLines = (
  linesOf: (width: number) => ReadonlyArray<Line>,
): Effect.Effect<void, never, Screen> =>
  Effect.flatMap(Screen, ({ width, color }) => {
    const text = paint(linesOf(width), color)
    return text === "" ? Effect.void : Console.log(text.replace(/\n$/, ""))
  })
