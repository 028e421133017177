import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { readCompose, serviceNamed } from "./compose.ts"
import { command, healthCheck } from "./dockerfile.ts"
import { serving, servingProcess } from "./process.ts"

const run = promisify(execFile)
const broken = serviceNamed(readCompose(), "sse-broken")

/** The image's own check, asked at another port. */
const checkHealth = (port: number) => {
  const [, ...words] = healthCheck.map((word) => word.replace(":4096/", `:${port}/`))
  return Effect.tryPromise(() => run(process.execPath, words))
}

describe("the image's default command", () => {
  it.live(
    "serves, and its health check sees it",
    () =>
      Effect.gen(function* () {
        const { port } = yield* servingProcess(command)
        yield* checkHealth(port)
      }),
    30_000,
  )

  it.live(
    "is unhealthy to its health check when nothing serves",
    () =>
      Effect.gen(function* () {
        const { port } = yield* Effect.scoped(serving(command))
        yield* Effect.flip(checkHealth(port))
      }),
    30_000,
  )

  it.live.skipIf(process.platform === "win32")(
    "ends within its grace period on SIGTERM, also while a client listens",
    () =>
      Effect.gen(function* () {
        const server = yield* servingProcess(command, { FIXED_SSE: "1" })
        const stream = yield* Effect.promise(() => fetch(`${server.address}/event`))
        const reader = stream.body?.getReader()
        yield* Effect.promise(async () => reader?.read())
        server.child.kill("SIGTERM")
        yield* server.ended.pipe(
          Effect.timeout(Duration.seconds(Number.parseInt(broken.stop_grace_period, 10))),
        )
      }),
    30_000,
  )

  it.live(
    "is healthy with the stack's variables while no Jaeger is there",
    () =>
      Effect.gen(function* () {
        const { port } = yield* serving(broken.command, {
          ...broken.environment,
          OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
        })
        yield* checkHealth(port)
      }),
    30_000,
  )
})
