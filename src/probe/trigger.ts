import { type ClientRequest, type RequestOptions, request } from "node:http"
import { request as requestSecurely } from "node:https"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"

/** A request that makes a server publish events. */
export interface Trigger {
  readonly method: string
  /** With its query, relative to the origin of the stream. */
  readonly path: string
  /** JSON. */
  readonly body: string | undefined
}

export class TriggerError extends Schema.TaggedError<TriggerError>()("TriggerError", {
  message: Schema.String,
}) {}

const pattern = /^\s*([A-Za-z]+)\s+(\/\S*)(?:\s+(\S.*?))?\s*$/s

/** Reads `POST /session {"title": "x"}`: a method, a path, and a body in JSON or none. */
export const parseTrigger = (text: string): Effect.Effect<Trigger, TriggerError> => {
  const [, method, path, body] = pattern.exec(text) ?? []
  if (method === undefined || path === undefined) {
    return refuse(text, "a method, a path and perhaps JSON are expected, as POST /session {}")
  }
  if (body !== undefined && !isJson(body)) return refuse(text, "what follows the path is no JSON")
  return Effect.succeed({ method: method.toUpperCase(), path, body })
}

const refuse = (text: string, reason: string) =>
  Effect.fail(new TriggerError({ message: `--trigger ${JSON.stringify(text)}: ${reason}.` }))

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** How long a server may take to begin its answer. */
const patienceMillis = 10_000

/**
 * Sends the trigger to the server of an event stream, once, and waits for the head of the answer. The rest is
 * discarded until the scope closes. Returns what went wrong, if anything did.
 */
export const sendTrigger = (
  stream: string,
  trigger: Trigger,
  headers: Readonly<Record<string, string>> = {},
): Effect.Effect<string | undefined, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => begin(stream, trigger, headers)),
    (sent) => Effect.sync(() => sent.destroy()),
  ).pipe(
    Effect.flatMap(answerTo),
    Effect.timeoutOrElse({
      duration: patienceMillis,
      orElse: () => Effect.succeed(`had no answer within ${patienceMillis / 1000} s`),
    }),
    Effect.map((problem) =>
      problem === undefined
        ? undefined
        : `The trigger ${trigger.method} ${trigger.path} ${problem}.`,
    ),
  )

const begin = (
  stream: string,
  { method, path, body }: Trigger,
  own: Readonly<Record<string, string>>,
): ClientRequest => {
  const target = new URL(stream)
  const { username, password } = target
  const url = Object.assign(new URL(target.origin + path), { username, password })
  const content = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body ?? ""),
  }
  const headers = { ...own, ...(body === undefined ? {} : content) }
  const sent = requestTo(url, { method, agent: false, headers })
  sent.on("error", () => {}) // also after the answer began, when nobody waits for it any more
  return sent.end(body)
}

const requestTo = (url: URL, options: RequestOptions): ClientRequest =>
  url.protocol === "https:" ? requestSecurely(url, options) : request(url, options)

const answerTo = (sent: ClientRequest): Effect.Effect<string | undefined> =>
  Effect.callback((resume) => {
    sent.on("response", (response) => {
      response.on("error", () => {}).resume()
      const { statusCode = 0 } = response
      resume(Effect.succeed(statusCode < 400 ? undefined : `was answered ${statusCode}`))
    })
    sent.on("error", (error: NodeJS.ErrnoException) =>
      resume(Effect.succeed(`failed (${error.code ?? error.message})`)),
    )
  })
