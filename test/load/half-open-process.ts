// Runs in a network namespace of its own: cuts the way back to the clients of an event server, and prints how long
// the server keeps them. No client says that it leaves, and no packet of the server arrives.
import { execFileSync } from "node:child_process"
import { connect, type Socket } from "node:net"
import { Effect, Layer } from "effect"
import { layerTelemetryFromEnvironment } from "../../otel/index.ts"
import { layerServer, ServerAddress } from "../../src/server/server.ts"
import { publish } from "../support/event-server.ts"
import { held, heldInTheEnd } from "./event-server.ts"

const clients = Number(process.argv[2])
const stall = Number(process.argv[3])

const request = "GET /event HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n\r\n"

/** What sets these clients apart from whoever asks how much is held. */
const localAddress = "127.0.0.2"

const ip = (...words: ReadonlyArray<string>) =>
  Effect.sync(() => execFileSync("ip", words, { stdio: "inherit" }))

const open = (port: number) =>
  Effect.promise(
    () =>
      new Promise<Socket>((resolve, reject) => {
        const socket = connect({ port, host: "127.0.0.1", localAddress }, () =>
          socket.write(request),
        )
        socket.once("data", () => resolve(socket)).once("error", reject)
      }),
  )

const large = { type: "message.part.delta", properties: { text: "x".repeat(512 * 1024) } }

const program = Effect.gen(function* () {
  const address = yield* ServerAddress
  const port = Number(new URL(address).port)
  for (let count = 0; count < clients; count++) yield* open(port)
  const before = yield* held(address)
  yield* ip("route", "add", "blackhole", localAddress, "table", "local")
  const start = performance.now()
  for (let sent = 0; sent < 40; sent++) yield* publish(address, large)
  const after = yield* heldInTheEnd(address)
  console.log(JSON.stringify({ before, after, millis: performance.now() - start }))
})

await ip("link", "set", "lo", "up").pipe(
  Effect.andThen(program),
  Effect.provide(
    layerServer({ variant: "fixed", host: "127.0.0.1", port: 0, stall }).pipe(
      Layer.provide(layerTelemetryFromEnvironment({ serviceName: "load" })),
    ),
  ),
  Effect.runPromise,
)
process.exit(0)
