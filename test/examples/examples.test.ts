import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { scopeline } from "../support/command.ts"
import { runningProgram } from "../support/process.ts"
import type { Running } from "../support/running.ts"

const example = (file: string, variables: Readonly<Record<string, string>> = {}) =>
  runningProgram(process.execPath, [`examples/${file}`], variables)

/** A collector that says what is wrong, and examples that send it their spans. */
const collecting = Effect.gen(function* () {
  const collector = yield* scopeline(["collect", "--port", "0"])
  const endpoint = yield* collector.written(/Listening on (\S+)/)
  const sending = (file: string) =>
    example(file, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, PORT: "0" })
  return { collector, sending }
})

const addressOf = ({ written }: Running) => written(/Listening on (http:\/\/127\.0\.0\.1:\d+)/)

const ask = (url: string, request?: RequestInit) =>
  Effect.promise(async () => (await fetch(url, request)).text())

describe.concurrent("the example of", () => {
  it.live("events ends its broken stream, which is named", () =>
    Effect.gen(function* () {
      const { collector, sending } = yield* collecting
      const server = yield* sending("events/main.ts")
      expect(yield* ask(`${yield* addressOf(server)}/broken`)).toBe("")
      yield* collector.written(/scope-closed-early · error · certain/)
    }),
  )

  it.live("an HTTP API detaches a fiber, which is named with nothing but the Layer", () =>
    Effect.gen(function* () {
      const { collector, sending } = yield* collecting
      const server = yield* sending("http-api/main.ts")
      const created = yield* ask(`${yield* addressOf(server)}/users`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name: "Ada" }),
      })
      expect(JSON.parse(created)).toEqual({ id: 1, name: "Ada" })
      yield* collector.written(/orphan-fiber.*POST \/users · fiber sendWelcome/s)
    }),
  )

  it.live("a web handler ends its broken stream, which is named with nothing but the Layer", () =>
    Effect.gen(function* () {
      const { collector, sending } = yield* collecting
      const program = yield* sending("web-handler/main.ts")
      expect(yield* program.ended).toBe(0)
      expect(program.stdout()).toContain("/healthy: 3 of 3 frames")
      expect(program.stdout()).toContain("/broken: 1 of 3 frames")
      yield* collector.written(/scope-closed-early.*GET \/broken · scope subscribe/s)
    }),
  )

  it.live("a stream over RPC gives its client three ticks", () =>
    Effect.gen(function* () {
      const server = yield* example("rpc-stream/main.ts", { PORT: "0" })
      const { port } = new URL(yield* addressOf(server))
      const client = yield* example("rpc-stream/client.ts", { PORT: port })
      expect(yield* client.ended).toBe(0)
      expect(client.output().match(/tick \d+/g)).toHaveLength(3)
    }),
  )

  it.live("a worker leaves fibers behind, which are named with nothing but the Layer", () =>
    Effect.gen(function* () {
      const { collector, sending } = yield* collecting
      const worker = yield* sending("worker/main.ts")
      yield* worker.written(/20 jobs were given out/)
      yield* collector.written(/orphan-fiber.*fiber report/s)
    }),
  )
})
