import type * as Fiber from "effect/Fiber"
import type { CodeLocation } from "../../lifetimes/model.ts"

export type StackFrame = NonNullable<Fiber.Fiber.Cache["stackFrame"]>

/** The frame behind that of a call of `Effect.fn` tells where that stands (checked against effect 4.1.0). */
const definition = / \(definition\)$/

/** The name that was given to `Effect.fn` or `withSpan`. */
export const functionOf = ({ name }: StackFrame): string => name.replace(definition, "")

/** `at f (file:///app/main.ts:12:34)`, `at /app/main.ts:12:34`, `file:///app/main.ts:12:34` */
const position = /((?:file:\/\/)?\/?[^\s()]+?):(\d+):\d+\)?\s*$/

/** Where in the code of the program a function is called, or a `withSpan` stands. */
export const callOf = (frame: StackFrame | undefined): CodeLocation | undefined => {
  if (frame === undefined) return undefined
  const [, file, line] = position.exec(frame.stack()?.split("\n", 1)[0] ?? "") ?? []
  return {
    function: functionOf(frame),
    file: file?.replace(/^file:\/\//, ""),
    line: line === undefined ? undefined : Number(line),
  }
}

/** Where the function is defined; what is known of its call where that is not known, as of a `withSpan`. */
export const definitionOf = (frame: StackFrame | undefined): CodeLocation | undefined => {
  const defined = definition.test(frame?.parent?.name ?? "") ? callOf(frame?.parent) : undefined
  return defined?.file === undefined ? callOf(frame) : defined
}
