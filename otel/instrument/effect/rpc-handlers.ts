/*
 * `RpcServer.ts`, `make`: besides its `Protocol`, the context of a server has a handler for each of its
 * methods, as `toHandlers` in `RpcGroup.ts` makes them. `layer` starts the fiber of a server in that context,
 * and the server forks a child in it. A handler returns an effect, a stream, or a wrapper of one for a call. It
 * runs on the fiber of the call.
 */
import * as Context from "effect/Context"
import * as Stream from "effect/Stream"
import { harmlessly } from "../harmlessly.ts"
import type { AnyFiber } from "./fibers.ts"
import { isReplaceable } from "./properties.ts"

type AnyStream = Stream.Stream<unknown, unknown, unknown>

/** Returns the stream to use instead of that of a call to the named method. */
type Change = (stream: AnyStream, method: string) => AnyStream

const Protocol = Context.Service<object>("effect/rpc/RpcServer/Protocol")

const prefix = "effect/rpc/Rpc/"

const wrapper = "~effect/rpc/Rpc/Wrapper"

interface Handler {
  readonly tag: string
  readonly handler: (...given: ReadonlyArray<unknown>) => unknown
}

const servers = new WeakSet<object>()
const handlers = new WeakSet<object>()

/**
 * Called when a fiber starts. If it is the fiber of a server, or runs in its context, the streams of all calls
 * to that server are replaced.
 */
export const changeCalls = (fiber: AnyFiber, change: Change): void => {
  const server = Context.getOrUndefined(fiber.context, Protocol)
  if (server === undefined || servers.has(server)) return
  servers.add(server)
  for (const [key, service] of fiber.context.mapUnsafe) {
    if (key.startsWith(prefix) && isHandler(service)) replace(service, change)
  }
}

const isHandler = (service: unknown): service is Handler =>
  typeof service === "object" &&
  service !== null &&
  "tag" in service &&
  "handler" in service &&
  typeof service.handler === "function" &&
  isReplaceable(service, "handler")

/** The program may serve one handler over several protocols. */
const replace = (service: Handler, change: Change): void => {
  if (handlers.has(service)) return
  handlers.add(service)
  const { handler, tag } = service
  const changed: Handler["handler"] = (...given) => {
    const answer = handler(...given)
    return harmlessly(() => changeAnswer(answer, (stream) => change(stream, tag)), answer)
  }
  Reflect.set(service, "handler", changed)
}

const changeAnswer = (answer: unknown, change: (stream: AnyStream) => AnyStream): unknown => {
  if (Stream.isStream(answer)) return change(answer)
  return isWrapper(answer) && Stream.isStream(answer.value)
    ? { ...answer, value: change(answer.value) }
    : answer
}

const isWrapper = (answer: unknown): answer is { readonly value: unknown } =>
  typeof answer === "object" && answer !== null && wrapper in answer && "value" in answer
