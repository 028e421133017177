import type * as Fiber from "effect/Fiber"
import type { CodeLocation } from "../lifetimes/model.ts"

export type StackFrame = NonNullable<Fiber.Fiber.Cache["stackFrame"]>

/** The name that was given to `Effect.fn` or `withSpan`. */
export const functionOf = ({ name }: StackFrame): string => name.replace(/ \(definition\)$/, "")

/** `at f (file:///app/main.ts:12:34)`, `at /app/main.ts:12:34`, `file:///app/main.ts:12:34` */
const position = /((?:file:\/\/)?\/?[^\s()]+?):(\d+):\d+\)?\s*$/

/** Where in the code of the program the nearest `Effect.fn` or `withSpan` stands. */
export const locationOf = (frame: StackFrame | undefined): CodeLocation | undefined => {
  if (frame === undefined) return undefined
  const [, file, line] = position.exec(frame.stack()?.split("\n", 1)[0] ?? "") ?? []
  return {
    function: functionOf(frame),
    file: file?.replace(/^file:\/\//, ""),
    line: line === undefined ? undefined : Number(line),
  }
}
