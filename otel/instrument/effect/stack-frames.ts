/*
 * `internal/effect.ts`, `fn` and `withSpan`: what they run has a frame in `fiber.cache.stackFrame`. Its `stack`
 * is the stack at the call. The frame behind that of `Effect.fn` says where the function is defined.
 */
import type * as Fiber from "effect/Fiber"
import type { CodeLocation } from "../../lifetimes/model.ts"
import { sees } from "./capabilities.ts"
import type { AnyFiber } from "./fibers.ts"

export type StackFrame = NonNullable<Fiber.Fiber.Cache["stackFrame"]>

/** The function or the span that a fiber runs. */
export const frameOf = (fiber: AnyFiber): StackFrame | undefined =>
  sees.frames ? fiber.cache.stackFrame : undefined

/** Whether a fiber runs the function of this frame. */
export const isRunning = (fiber: AnyFiber | undefined, frame: StackFrame | undefined): boolean => {
  let running = fiber === undefined ? undefined : frameOf(fiber)
  while (running !== undefined && running !== frame) running = running.parent
  return running !== undefined
}

const definition = / \(definition\)$/

/** Whether this frame says where a function is defined. */
export const isDefinition = (frame: StackFrame | undefined): frame is StackFrame =>
  frame !== undefined && definition.test(frame.name)

/** The name that was given to `Effect.fn` or `withSpan`. */
export const functionOf = ({ name }: StackFrame): string => name.replace(definition, "")

/** `at f (file:///app/main.ts:12:34)`, `at /app/main.ts:12:34`, `file:///app/main.ts:12:34` */
const position = /((?:file:\/\/)?\/?[^\s()]+?):(\d+):\d+\)?\s*$/

/** The place in the program's code where a function is called, or where `withSpan` is. */
export const callOf = (frame: StackFrame | undefined): CodeLocation | undefined => {
  if (frame === undefined) return undefined
  const [, file, line] = position.exec(frame.stack()?.split("\n", 1)[0] ?? "") ?? []
  return {
    function: functionOf(frame),
    file: file?.replace(/^file:\/\//, ""),
    line: line === undefined ? undefined : Number(line),
  }
}

/** The place where the function is defined. If that is not known, as with `withSpan`, the place of the call. */
export const definitionOf = (frame: StackFrame | undefined): CodeLocation | undefined => {
  const defined = isDefinition(frame?.parent) ? callOf(frame.parent) : undefined
  return defined?.file === undefined ? callOf(frame) : defined
}
