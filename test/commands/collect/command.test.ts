import { match, strictEqual } from "node:assert"
import { spawn } from "node:child_process"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { encodeJson } from "../../../src/otlp/export-request.ts"
import { brokenTrace } from "../../collector/broken-trace.ts"

const program = fileURLToPath(new URL("../../../src/main.ts", import.meta.url))

/** The command as a process of its own, ended with the scope. */
const collect = (...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => new Collecting(args)),
    (collecting) => Effect.sync(() => collecting.kill()),
  )

class Collecting {
  #output = ""
  readonly #process
  readonly ended: Promise<number | null>

  constructor(args: ReadonlyArray<string>) {
    this.#process = spawn(process.execPath, [program, "collect", ...args])
    this.#process.stdout.on("data", (text) => this.#add(text))
    this.#process.stderr.on("data", (text) => this.#add(text))
    this.ended = new Promise((resolve) => this.#process.on("close", resolve))
  }

  #add(text: unknown) {
    this.#output += String(text)
    this.#process.emit("output")
  }

  get output(): string {
    return this.#output
  }

  /** The output as soon as it matches. */
  says(pattern: RegExp): Effect.Effect<string> {
    return Effect.callback((resume) => {
      const look = () => {
        const found = pattern.exec(this.#output)
        if (found !== null) resume(Effect.succeed(found[1] ?? found[0]))
        return found !== null
      }
      if (look()) return
      this.#process.on("output", look)
      return Effect.sync(() => this.#process.off("output", look))
    })
  }

  stop(): Effect.Effect<number | null> {
    this.#process.kill("SIGINT")
    return Effect.promise(() => this.ended)
  }

  kill(): void {
    this.#process.kill("SIGKILL")
  }
}

const send = (url: string, body: string) =>
  Effect.promise(() =>
    fetch(`${url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    }),
  )

describe("collect", () => {
  it.live(
    "prints its address, each finding once without control characters, and what it received",
    () =>
      Effect.gen(function* () {
        const command = yield* collect("--port", "0")
        const url = yield* command.says(/Listening on (http:\/\/127\.0\.0\.1:\d+) /)
        const hostile = "red \u001b[31m and \u0007 bell"
        yield* send(url, encodeJson(brokenTrace(1, "/event", hostile)))
        yield* command.says(/scope-closed-early/)
        yield* send(url, encodeJson(brokenTrace(2, "/event", hostile)))
        strictEqual(yield* command.stop(), 0)
        strictEqual(command.output.split("scope-closed-early ·").length, 2)
        match(command.output, /Received 4 spans in 2 traces\./)
        strictEqual(command.output.includes("\u001b"), false)
        strictEqual(command.output.includes("\u0007"), false)
      }),
    15_000,
  )

  it.live(
    "says at its end that it has received nothing, and what may be why",
    () =>
      Effect.gen(function* () {
        const command = yield* collect("--port", "0")
        yield* command.says(/Listening on /)
        strictEqual(yield* command.stop(), 0)
        match(command.output, /Received no spans\. Does the program send them here/)
      }),
    15_000,
  )

  it.live(
    "says in one line that its port is in use, and exits with 2",
    () =>
      Effect.gen(function* () {
        const server = yield* Effect.acquireRelease(
          Effect.callback<AddressInfo & { readonly close: () => void }>((resume) => {
            const other = createServer().listen(0, "127.0.0.1", () => {
              const address = other.address()
              if (typeof address !== "object" || address === null) return
              resume(Effect.succeed({ ...address, close: () => other.close() }))
            })
          }),
          ({ close }) => Effect.sync(close),
        )
        const command = yield* collect("--port", String(server.port))
        strictEqual(yield* Effect.promise(() => command.ended), 2)
        match(command.output, /^Port \d+ on 127\.0\.0\.1 is already in use: .+\n$/)
      }),
    15_000,
  )

  it.live(
    "says in one line that a file cannot be written, and exits with 2",
    () =>
      Effect.gen(function* () {
        const command = yield* collect("--port", "0", "--out", "/no/such/folder/spans.jsonl")
        strictEqual(yield* Effect.promise(() => command.ended), 2)
        match(command.output, /^Cannot append to \/no\/such\/folder\/spans\.jsonl .+\n$/)
      }),
    15_000,
  )
})
