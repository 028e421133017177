/*
 * `internal/effect.ts`, `fn` and `withSpan`: what they run has a frame in `fiber.cache.stackFrame`, whose `stack`
 * is the stack at the call. The frame behind that of `Effect.fn` tells where the function is defined.
 */
import type * as Fiber from "effect/Fiber"
import type { CodeLocation } from "../../lifetimes/model.ts"
import { sees } from "./capabilities.ts"
import type { AnyFiber } from "./fibers.ts"

export type StackFrame = NonNullable<Fiber.Fiber.Cache["stackFrame"]>

/** The function or the span that a fiber runs. */
export const frameOf = (fiber: AnyFiber): StackFrame | undefined =>
  sees.frames ? fiber.cache.stackFrame : undefined

/** Whether a fiber runs what this is the frame of. */
export const isRunning = (fiber: AnyFiber | undefined, frame: StackFrame | undefined): boolean => {
  let running = fiber === undefined ? undefined : frameOf(fiber)
  while (running !== undefined && running !== frame) running = running.parent
  return running !== undefined
}

const definition = / \(definition\)$/

/** Whether it is the frame that tells where a function is defined. */
export const isDefinition = (frame: StackFrame | undefined): frame is StackFrame =>
  frame !== undefined && definition.test(frame.name)

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
  const defined = isDefinition(frame?.parent) ? callOf(frame.parent) : undefined
  return defined?.file === undefined ? callOf(frame) : defined
}
