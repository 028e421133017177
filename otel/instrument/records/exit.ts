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

/** What Effect answers for a request that was interrupted is a defect beside the interrupt. */
const isAnswer = (reason: Cause.Reason<unknown>): boolean =>
  reason._tag === "Die" && HttpServerResponse.isHttpServerResponse(reason.defect)

/** Whether a fiber ended as a handler's does: with a response, or interrupted because nobody waits for one. */
export const endedAsHandler = (fiber: AnyFiber): boolean => {
  const exit = exitOf(fiber)
  if (exit === undefined) return false
  return exit._tag === "Success" ? holdsResponse(exit.value) : exitKind(exit) === "interrupt"
}

/** As long as a tuple may be: what a program calls rows is not searched. */
const tupleAtMost = 8

/** Whether what ended gave something that runs only afterwards: a stream, a response with one, or another server's. */
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

/** A timeout makes an `Option` of it on the way, and others an `Exit`. Nothing of the program's own is asked. */
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

/** The first error or defect of a failed exit, as text. */
export const failureOf = (exit: Exit.Exit<unknown, unknown>): Failure | undefined => {
  if (exit._tag === "Success") return undefined
  const [error] = Cause.prettyErrors(exit.cause)
  if (error === undefined) return undefined
  const defect = !exit.cause.reasons.some((reason) => reason._tag === "Fail")
  return { type: error.name, message: error.message, defect }
}

/** The same of `RpcServer`, whose client has called off the call. */
const callAbort = "effect/rpc/RpcSchema/ClientAbort"

/** Effect's HTTP servers annotate the interrupt of a request whose client has gone. */
export const isClientAbort = (exit: Exit.Exit<unknown, unknown>): boolean =>
  exit._tag === "Failure" &&
  exit.cause.reasons.some(
    (reason) =>
      reason._tag === "Interrupt" &&
      (reason.annotations.has(HttpServerError.ClientAbort.key) ||
        reason.annotations.has(callAbort)),
  )
