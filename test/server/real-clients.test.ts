import { spawnSync } from "node:child_process"
import { describe, expect, it } from "@effect/vitest"
import { createOpencodeClient } from "@opencode-ai/sdk"
import { Effect } from "effect"
import { EventSource } from "eventsource"
import type { VariantName } from "../../src/server/variant-name.ts"
import { Changes } from "../support/changes.ts"
import { eventServer, publish } from "../support/event-server.ts"
import { runningProgram } from "../support/process.ts"

const published = [
  "message.part.delta",
  "message.completed",
  "permission.asked",
  "question.asked",
] as const

const everything = ["server.connected", ...published]

/** A client as a user writes it: what it received, and whether its stream has ended. */
interface Client {
  readonly types: () => ReadonlyArray<string>
  readonly until: (condition: (client: Client) => boolean) => Effect.Effect<void>
  readonly ended: () => boolean
}

const typesIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^data: \{"id":"evt_\w+","type":"([^"]+)"/gm)].map(([, type]) => type ?? "")

const curl = Effect.fnUntraced(function* (address: string) {
  const changes = new Changes()
  const program = yield* runningProgram("curl", ["-sN", `${address}/event`])
  program.child.stdout?.on("data", () => changes.tell())
  program.child.on("close", () => changes.tell())
  const client: Client = {
    types: () => typesIn(program.stdout()),
    until: (condition) => changes.until(() => condition(client)),
    ended: () => program.child.exitCode !== null,
  }
  return client
})

const collecting = () => {
  const changes = new Changes()
  const types: Array<string> = []
  let ended = false
  const client: Client = {
    types: () => types,
    until: (condition) => changes.until(() => condition(client)),
    ended: () => ended,
  }
  const received = (type: string) => {
    types.push(type)
    changes.tell()
  }
  const end = () => {
    ended = true
    changes.tell()
  }
  return { client, received, end }
}

const eventSource = Effect.fnUntraced(function* (address: string) {
  const { client, received, end } = collecting()
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      const source = new EventSource(`${address}/event`)
      source.onmessage = ({ data }) => received(typesIn(`data: ${data}`)[0] ?? `no event: ${data}`)
      source.onerror = end
      return source
    }),
    (source) => Effect.sync(() => source.close()),
  )
  return client
})

const sdk = Effect.fnUntraced(function* (address: string) {
  const { client, received, end } = collecting()
  const read = async (signal: AbortSignal) => {
    const opencode = createOpencodeClient({ baseUrl: address })
    const { stream } = await opencode.event.subscribe({ signal })
    for await (const { type } of stream) received(type)
    end()
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      const controller = new AbortController()
      return { controller, reading: read(controller.signal) }
    }),
    ({ controller, reading }) =>
      Effect.promise(() => {
        controller.abort()
        return reading
      }),
  )
  return client
})

/** The client connects, sees its first event, and then everything is published. */
const use = Effect.fnUntraced(function* (
  variant: VariantName,
  open: (address: string) => ReturnType<typeof sdk>,
) {
  const address = yield* eventServer({ variant })
  const client = yield* open(address)
  yield* client.until(({ types }) => types().length > 0)
  for (const type of published) yield* publish(address, { type, properties: {} })
  return client
})

const curlIsThere = spawnSync("curl", ["--version"]).status === 0
if (!curlIsThere) console.info("skipped: curl -N, because there is no curl")

describe.each([
  { name: "curl -N", open: curl, there: curlIsThere },
  { name: "EventSource", open: eventSource, there: true },
  { name: "OpenCode's SDK", open: sdk, there: true },
])("$name", ({ open, there }) => {
  it.live.skipIf(!there)(
    "receives every event from the fixed stream, which stays open",
    () =>
      Effect.gen(function* () {
        const client = yield* use("fixed", open)
        yield* client.until(({ types, ended }) => ended() || types().length >= everything.length)
        expect(client.types()).toEqual(everything)
        expect(client.ended()).toBe(false)
      }),
    15_000,
  )

  it.live.skipIf(!there)(
    "receives server.connected alone from the broken stream, which ends",
    () =>
      Effect.gen(function* () {
        const client = yield* use("broken", open)
        yield* client.until(({ ended }) => ended())
        expect(client.types()).toEqual(["server.connected"])
      }),
    15_000,
  )
})
