import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { once } from "../support/once.ts"
import { otlpSink, spansIn } from "../support/otlp-sink.ts"
import { runningProgram } from "../support/process.ts"
import type { Running, Variables } from "../support/running.ts"
import { signalsReachProcesses, stop } from "../support/stop.ts"

const words = [
  "--disable-warning=ExperimentalWarning",
  "--import=./test/automatic/http-example-hooks.ts",
  "node_modules/effect/ai-docs/src/51_http-server/10_basics.ts",
]

const authorization = "Bearer dev-token"

const sending = (method: string, body: string): RequestInit => ({
  method,
  body,
  headers: { authorization, "content-type": "application/json" },
})

const ann = JSON.stringify({ name: "Ann", email: "ann@acme.dev" })

/** `{id}` is the user that was created last. */
const requests: ReadonlyArray<readonly [path: string, init?: RequestInit]> = [
  ["/health"],
  ["/health", { method: "HEAD" }],
  ["/health", { method: "OPTIONS" }],
  ["/openapi.json"],
  ["/docs"],
  ["/nowhere"],
  ["/users"],
  ["/users/me", { headers: { authorization: "Bearer another" } }],
  ["/users/me"],
  ["/users/nobody"],
  ["/users", sending("POST", ann)],
  ["/users/{id}"],
  ["/users/{id}", sending("PATCH", JSON.stringify({ name: "Anna" }))],
  ["/users", sending("POST", "{}")],
  ["/users", sending("POST", "{")],
  ["/users"],
  ["/users?search=anna"],
  ["/users?search=a"],
  ["/users/search?search=anna"],
  ["/users/search?search=a"],
  ["/users/search?search=bad-request"],
  ["/users/search"],
]

/** What is another in each run, and of one length. */
const alike = (text: string): string =>
  text
    .replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, "<id>")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")

const alikeLog = (text: string): string =>
  alike(text)
    .replace(/^\[[\d:.]+\]/gm, "[<time>]")
    .replace(/\(#\d+\)/g, "(#<fiber>)")
    .replace(/http\.span=\d+ms/g, "http.span=<duration>")
    .replace(/127\.0\.0\.1:\d+/g, "<address>")

const ask = async (url: string, init: RequestInit = {}) => {
  const response = await fetch(url, { headers: { authorization }, ...init })
  const { date: _, ...headers } = Object.fromEntries(response.headers)
  return { status: response.status, headers, body: await response.text() }
}

/** Output in which that many answers are logged; looks at each place of it once. */
const logged = (answers: number) =>
  new RegExp(`^((?:(?!'http\\.status')[^])*'http\\.status'){${answers}}`)

/** One request after the other, each once the one before has been logged. */
const askAll = Effect.fnUntraced(function* (server: Running) {
  const address = yield* server.written(/Listening on (http:\S+)/)
  let id = ""
  return yield* Effect.forEach(requests, ([path, init], index) =>
    Effect.gen(function* () {
      const { body, ...answer } = yield* Effect.promise(() =>
        ask(address + path.replace("{id}", id), init),
      )
      if (init?.method === "POST") id = /"id":"([^"]+)"/.exec(body)?.[1] ?? id
      yield* server.written(logged(index + 1))
      return { asked: `${init?.method ?? "GET"} ${path}`, ...answer, body: alike(body) }
    }),
  )
})

const runWith = (variables: Variables) =>
  Effect.gen(function* () {
    const server = yield* runningProgram(process.execPath, words, variables)
    const answers = yield* askAll(server)
    const { code } = yield* stop(server)
    return { answers, code, stdout: alikeLog(server.stdout()), stderr: server.stderr() }
  }).pipe(Effect.scoped)

const asItIs = once(runWith({ WATCHED: "no" }))

describe.runIf(signalsReachProcesses)("the HTTP server of Effect's own guide", () => {
  it.live("answers everything that it has an answer for", () =>
    Effect.gen(function* () {
      const { answers, stderr } = yield* asItIs
      expect(stderr).toBe("")
      expect(new Set(answers.map(({ status }) => status))).toEqual(
        new Set([200, 204, 400, 401, 404, 408, 422, 500]),
      )
    }),
  )

  it.live("answers, logs and stops the same under the Layer", () =>
    Effect.gen(function* () {
      expect(yield* runWith({ WATCHED: "yes" })).toEqual(yield* asItIs)
    }),
  )

  it.live("does so under the Layer that exports, and nothing is found in it", () =>
    Effect.gen(function* () {
      const sink = yield* otlpSink
      const exporting = { WATCHED: "yes", OTEL_EXPORTER_OTLP_ENDPOINT: sink.address }
      expect(yield* runWith(exporting)).toEqual(yield* asItIs)
      const { exchangesJudged, findings } = diagnose(yield* spansIn(sink.requests))
      expect([exchangesJudged, findings]).toEqual([requests.length, []])
    }),
  )
})
