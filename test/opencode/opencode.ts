import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { programOf, type Release } from "../released/release.ts"
import { portOf } from "../support/event-server.ts"
import { runningProgram } from "../support/process.ts"
import type { Variables } from "../support/running.ts"
import { refusingAddress } from "../support/silent-server.ts"

/** A folder of its own, which is also what the server takes for its project. */
const emptyHome = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "scopeline-opencode-"))),
  (home) => Effect.promise(() => rm(home, { recursive: true, force: true, maxRetries: 5 })),
)

const environmentIn = (home: string): Variables => ({
  HOME: home,
  USERPROFILE: home,
  PWD: home,
  XDG_CONFIG_HOME: join(home, "config"),
  XDG_DATA_HOME: join(home, "data"),
  XDG_STATE_HOME: join(home, "state"),
  XDG_CACHE_HOME: join(home, "cache"),
  OPENCODE_DISABLE_AUTOUPDATE: "1",
  OPENCODE_DISABLE_MODELS_FETCH: "1",
  OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
  OPENCODE_DISABLE_DEFAULT_PLUGINS: "1",
})

/** A released OpenCode that listens, knows nothing of its user, and ends with the scope. */
export const opencode = Effect.fnUntraced(function* (release: Release, variables: Variables = {}) {
  const home = yield* emptyHome
  const port = portOf(yield* refusingAddress)
  const server = yield* runningProgram(
    programOf(release),
    ["serve", "--port", String(port), "--hostname", "127.0.0.1", "--print-logs"],
    { ...environmentIn(home), ...variables },
    home,
  )
  yield* server.written(/listening on http:\S+/)
  return { ...server, url: `http://127.0.0.1:${port}/event` }
})

/** The same, which sends its spans to the port that a probe is about to open. */
export const tracedOpencode = Effect.fnUntraced(function* (release: Release) {
  const endpoint = yield* refusingAddress
  const server = yield* opencode(release, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })
  return { ...server, collect: String(portOf(endpoint)) }
})

/** How many clients it says have come and gone. */
export const clientsOf = (output: string) => ({
  connected: output.match(/\bevent connected\b/g)?.length ?? 0,
  disconnected: output.match(/\bevent disconnected\b/g)?.length ?? 0,
})
