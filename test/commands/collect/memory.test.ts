import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { encodeJson } from "../../../src/otlp/encode.ts"
import { hexOf, spanOf } from "../../otlp/spans.ts"
import { scopelineProcess } from "../../support/process.ts"
import { stop } from "../../support/stop.ts"

const MB = 1_000_000
const spansPerRequest = 20

const stack = `Error: it broke\n${"    at handle (/srv/app/node_modules/some/dist/index.js:1234:56)\n".repeat(240)}`

const placeholder = hexOf(0xabcdef, 32)

/** One request, and where its trace ids stand. */
const template = (() => {
  const span = spanOf({
    traceId: placeholder,
    kind: "server",
    attributes: { "http.route": "/thing" },
    events: [{ name: "exception", time: 1, attributes: { "exception.stacktrace": stack } }],
  })
  const body = Buffer.from(encodeJson(Array.from({ length: spansPerRequest }, () => span)))
  const places: Array<number> = []
  for (let at = body.indexOf(placeholder); at !== -1; at = body.indexOf(placeholder, at + 1)) {
    places.push(at)
  }
  return { body, places }
})()

/** Sends spans of a trace each until so many bytes have been sent; gives how many spans that were. */
const flood = async (url: string, bytes: number): Promise<number> => {
  const { body, places } = template
  let spans = 0
  for (let sent = 0; sent < bytes; sent += body.length) {
    for (const place of places) body.write(hexOf(++spans, 32), place)
    const headers = { "content-type": "application/json" }
    const response = await fetch(`${url}/v1/traces`, { method: "POST", headers, body })
    expect(await response.text()).toBe("{}")
  }
  return spans
}

/** In MB. */
const residentOf = (pid: number | undefined): number => {
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? []
  return (Number(kilobytes) * 1024) / MB
}

describe("the memory of collect", () => {
  it.live.skipIf(process.platform !== "linux")(
    "stays below 640 MB while 600 MB of spans with stack traces come, and what went is told",
    () =>
      Effect.gen(function* () {
        const command = yield* scopelineProcess(["collect", "--port", "0"])
        const url = yield* command.written(/Listening on (\S+) /)
        const spans = yield* Effect.promise(() => flood(url, 600 * MB))
        expect(residentOf(command.child.pid)).toBeLessThan(640)
        yield* command.written(/256 MiB of spans are kept \(--memory\)\. \d+ ended traces without/)
        yield* stop(command)
        expect(command.stdout()).toContain(`Received ${spans} spans in ${spans} traces.\n`)
        expect(command.stdout()).toMatch(/\d+ ended traces .+ dropped\. No other trace was\./)
      }),
    180_000,
  )
})
