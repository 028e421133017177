import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import packageJson from "../../package.json" with { type: "json" }
import { served } from "../support/command.ts"
import { exchange } from "../support/exchange.ts"
import { once } from "../support/once.ts"
import { otlpSink, spansIn } from "../support/otlp-sink.ts"
import { servedProcess } from "../support/process.ts"
import type { Variables } from "../support/running.ts"
import { signalsReachProcesses, stop } from "../support/stop.ts"

const secret = "hunter2hunter2"

/** What a server sends during one exchange and its end. */
const sentWith = (variables: (address: string) => Variables, serve = served) =>
  once(
    Effect.gen(function* () {
      const sink = yield* otlpSink
      const server = yield* serve(["--fixed"], variables(sink.address))
      yield* exchange(server.address, { type: "a.secret", properties: { secret } })
      const { code } = yield* stop(server)
      expect(code, server.output()).toBe(0)
      return { ...sink, stdout: server.stdout(), stderr: server.stderr() }
    }),
  )

const endpoint = (address: string) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: address })

const byDefault = sentWith(endpoint)

/** In a process of its own: some of these variables are read by the SDK. */
const configured = sentWith(
  (address) => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${address}/my/traces?key=1`,
    OTEL_EXPORTER_OTLP_HEADERS: "x-team=lifetimes,authorization=Bearer%20abc",
    OTEL_SERVICE_NAME: "renamed",
    OTEL_RESOURCE_ATTRIBUTES: "service.name=not-this,deployment.environment.name=a%20test",
  }),
  servedProcess,
)

describe.runIf(signalsReachProcesses).concurrent("spans that are exported", () => {
  it.live(
    "leave through OpenTelemetry's own exporter",
    () =>
      Effect.gen(function* () {
        const { requests } = yield* byDefault
        expect(requests.length).toBeGreaterThan(0)
        for (const { headers } of requests) {
          expect(headers["user-agent"]).toMatch(/^OTel-OTLP-Exporter-JavaScript\/\d+\.\d+/)
        }
      }),
    30_000,
  )

  it.live(
    "are posted as JSON to /v1/traces below the endpoint, and the start line says so",
    () =>
      Effect.gen(function* () {
        const { requests, address, stdout, stderr } = yield* byDefault
        for (const { method, path, headers } of requests) {
          expect(`${method} ${path}`).toBe("POST /v1/traces")
          expect(headers["content-type"]).toBe("application/json")
        }
        expect(stdout).toContain(`; spans go to ${address}/v1/traces.\n`)
        expect(stderr).toBe("")
      }),
    30_000,
  )

  it.live(
    "say which service they are of, its version and instance, and which variant it runs",
    () =>
      Effect.gen(function* () {
        const { requests } = yield* byDefault
        const spans = yield* spansIn(requests)
        expect(spans.map(({ name }) => name)).toContain("GET /event")
        for (const { resource } of spans) {
          expect(resource).toMatchObject({
            "service.name": "scopeline-sse",
            "service.version": packageJson.version,
            "scopeline.variant": "fixed",
            "service.instance.id": expect.stringMatching(/^[0-9a-f-]{36}$/),
          })
        }
        const instances = spans.map(({ resource }) => resource["service.instance.id"])
        expect(new Set(instances).size).toBe(1)
      }),
    30_000,
  )

  it.live(
    "hold nothing of what is in events",
    () =>
      Effect.gen(function* () {
        const { requests } = yield* byDefault
        const bodies = requests.map(({ body }) => body).join("\n")
        expect(bodies).toContain("subscription bus")
        expect(bodies).not.toContain(secret)
      }),
    30_000,
  )

  it.live(
    "carry the headers of OTEL_EXPORTER_OTLP_HEADERS",
    () =>
      Effect.gen(function* () {
        const { requests } = yield* configured
        expect(requests.length).toBeGreaterThan(0)
        for (const { headers } of requests) {
          expect(headers).toMatchObject({ "x-team": "lifetimes", authorization: "Bearer abc" })
        }
      }),
    30_000,
  )

  it.live(
    "carry OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES",
    () =>
      Effect.gen(function* () {
        const { requests } = yield* configured
        const spans = yield* spansIn(requests)
        expect(spans.length).toBeGreaterThan(0)
        for (const { resource } of spans) {
          expect(resource).toMatchObject({
            "service.name": "renamed",
            "deployment.environment.name": "a test",
          })
        }
      }),
    30_000,
  )

  it.live(
    "go to the very address of OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    () =>
      Effect.gen(function* () {
        const { requests } = yield* configured
        expect(new Set(requests.map(({ path }) => path))).toEqual(new Set(["/my/traces?key=1"]))
      }),
    30_000,
  )
})

const off = [
  { setting: "OTEL_SDK_DISABLED=true", variables: { OTEL_SDK_DISABLED: "true" } },
  { setting: "OTEL_TRACES_EXPORTER=none", variables: { OTEL_TRACES_EXPORTER: "none" } },
  { setting: "OTEL_TRACES_SAMPLER=always_off", variables: { OTEL_TRACES_SAMPLER: "always_off" } },
].map(({ setting, variables }) => ({
  setting,
  sent: sentWith((address) => ({ ...endpoint(address), ...variables })),
}))

describe.runIf(signalsReachProcesses).concurrent.each(off)("with $setting", ({ sent }) => {
  it.live(
    "nothing is exported and nothing is warned",
    () =>
      Effect.gen(function* () {
        const { requests, stderr } = yield* sent
        expect(requests).toEqual([])
        expect(stderr).toBe("")
      }),
    30_000,
  )

  it.live(
    "the start line does not say that the endpoint, which is set, is not",
    () =>
      Effect.gen(function* () {
        const { stdout } = yield* sent
        expect(stdout).not.toContain("OTEL_EXPORTER_OTLP_ENDPOINT is not set")
      }),
    30_000,
  )
})

describe.runIf(signalsReachProcesses)("without an endpoint", () => {
  it.live(
    "nothing is exported and nothing is warned, and the start line says so",
    () =>
      Effect.gen(function* () {
        const { requests, stdout, stderr } = yield* sentWith(() => ({}))
        expect(requests).toEqual([])
        expect(stderr).toBe("")
        expect(stdout).toMatch(
          /^Listening on \S+, fixed stream; spans are not exported \(OTEL_EXPORTER_OTLP_ENDPOINT is not set\)\.\n$/,
        )
      }),
    30_000,
  )
})
