/** The HTTP server of Effect's own guide, and everything that it has an answer for. */
import { Effect } from "effect"
import { runningProgram } from "../support/process.ts"
import type { Running, Variables } from "../support/running.ts"
import { stop } from "../support/stop.ts"

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
export const requests: ReadonlyArray<readonly [path: string, init?: RequestInit]> = [
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

/** What it answers and logs, and how it stops. */
export const runExample = (variables: Variables) =>
  Effect.gen(function* () {
    const server = yield* runningProgram(process.execPath, words, variables)
    const answers = yield* askAll(server)
    const { code } = yield* stop(server)
    return { answers, code, stdout: alikeLog(server.stdout()), stderr: server.stderr() }
  }).pipe(Effect.scoped)
