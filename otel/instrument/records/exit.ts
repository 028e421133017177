import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as HttpServerError from "effect/http/HttpServerError"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Failure } from "../../lifetimes/model.ts"
import type { ExitKind } from "../../lifetimes/terms.ts"
import { type AnyFiber, exitOf } from "../effect/fibers.ts"
import { isAnswerOfAnother } from "../effect/responses.ts"

export const exitKind = (exit: Exit.Exit<unknown, unknown>): ExitKind => {
  if (exit._tag === "Success") return "success"
  if (Cause.hasInterruptsOnly(exit.cause)) return "interrupt"
  const { reasons } = exit.cause
  const isOnly = reasons.every((reason) => reason._tag === "Interrupt" || isAnswer(reason))
  return isOnly && reasons.some(({ _tag }) => _tag === "Interrupt") ? "interrupt" : "failure"
}

/** For an interrupted request, Effect answers with a defect beside the interrupt. */
const isAnswer = (reason: Cause.Reason<unknown>): boolean =>
  reason._tag === "Die" && HttpServerResponse.isHttpServerResponse(reason.defect)

/**
 * Whether a fiber ended as a handler's fiber does: with a response, or interrupted because nobody waits for
 * one.
 */
export const endedAsHandler = (fiber: AnyFiber): boolean => {
  const exit = exitOf(fiber)
  if (exit === undefined) return false
  return exit._tag === "Success" ? holdsResponse(exit.value) : exitKind(exit) === "interrupt"
}

/** The most elements of a tuple. A longer list is the program's own, and is not searched. */
const tupleAtMost = 8

/**
 * Whether the result contains something that runs only afterwards: a stream, a response with one, or another
 * server's.
 */
export const handsOut = (exit: Exit.Exit<unknown, unknown>): boolean => {
  if (exit._tag === "Failure") return false
  const { value } = exit
  return (
    isStreaming(value) || (Array.isArray(value) && value.slice(0, tupleAtMost).some(isStreaming))
  )
}

const isStreaming = (value: unknown): boolean =>
  Stream.isStream(value) ||
  isAnswerOfAnother(value) ||
  (HttpServerResponse.isHttpServerResponse(value) && value.body._tag === "Stream")

/**
 * A timeout wraps it into an `Option` on the way, and others into an `Exit`. We never call methods of the
 * program's own values.
 */
const holdsResponse = (value: unknown): boolean => {
  if (HttpServerResponse.isHttpServerResponse(value)) return true
  if (Option.isOption(value)) {
    return Option.isSome(value) && HttpServerResponse.isHttpServerResponse(value.value)
  }
  return (
    Exit.isExit(value) &&
    Exit.isSuccess(value) &&
    HttpServerResponse.isHttpServerResponse(value.value)
  )
}

/** The first error or defect of a failed exit, as text. An error without a message is said by its name. */
export const failureOf = (exit: Exit.Exit<unknown, unknown>): Failure | undefined => {
  if (exit._tag === "Success") return undefined
  const [error] = Cause.prettyErrors(exit.cause)
  if (error === undefined) return undefined
  const defect = !exit.cause.reasons.some((reason) => reason._tag === "Fail")
  return { type: error.name, message: error.message === "" ? error.name : error.message, defect }
}

/** The same for `RpcServer`, whose client has called off the call. */
const callAbort = "effect/rpc/RpcSchema/ClientAbort"

/** Effect's HTTP servers annotate the interrupt of a request whose client has left. */
export const isClientAbort = (exit: Exit.Exit<unknown, unknown>): boolean =>
  exit._tag === "Failure" &&
  exit.cause.reasons.some(
    (reason) =>
      reason._tag === "Interrupt" &&
      (reason.annotations.has(HttpServerError.ClientAbort.key) ||
        reason.annotations.has(callAbort)),
  )
