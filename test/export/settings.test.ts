import { describe, expect, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import { TestConsole } from "effect/testing"
import { settingsFromEnvironment, tracesUrl } from "../../otel/export/settings.ts"
import { layerTelemetryFromEnvironment } from "../../otel/index.ts"
import { scopeline } from "../support/command.ts"

const settingsOf = (env: Record<string, string>) =>
  settingsFromEnvironment({ serviceName: "default", resource: { a: "own", b: "own" } }).pipe(
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env }))),
  )

const refused = [
  { variable: "OTEL_TRACES_SAMPLER", value: "jaeger_remote", says: "always_on" },
  { variable: "OTEL_TRACES_EXPORTER", value: "zipkin", says: "none" },
  { variable: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "collector", says: "http://127.0.0.1:4318" },
  { variable: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "localhost:4318", says: "http" },
  { variable: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "grpc://collector:4317", says: "http" },
  { variable: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", value: "/v1/traces", says: "http" },
]

describe("settings from the environment", () => {
  it.effect.each(refused)(
    "are refused, by name and with what would do, where $variable=$value",
    ({ variable, value, says }) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(settingsOf({ [variable]: value }))
        expect(error.variable).toBe(variable)
        expect(error.message).toContain(`${variable}="${value}"`)
        expect(error.message).toContain(says)
      }),
  )

  it.effect.each([
    { env: {}, protocol: undefined },
    { env: { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }, protocol: "http/json" },
    { env: { OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" }, protocol: "http/protobuf" },
    {
      env: {
        OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json",
      },
      protocol: "http/json",
    },
  ])("name $protocol as protocol, without a word, where $env", ({ env, protocol }) =>
    Effect.gen(function* () {
      expect((yield* settingsOf(env)).protocol).toBe(protocol)
      expect(yield* TestConsole.errorLines).toEqual([])
    }),
  )

  it.effect.each([
    { variable: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "grpc", says: "no gRPC" },
    { variable: "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", value: "grpc", says: "no gRPC" },
    { variable: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "http/thrift", says: "does not know" },
  ])("send protobuf over HTTP, with one warning, where $variable=$value", (given) =>
    Effect.gen(function* () {
      const { variable, value, says } = given
      const settings = yield* settingsOf({ [variable]: value })
      expect(settings.protocol).toBe("http/protobuf")
      expect(yield* TestConsole.errorLines).toEqual([
        expect.stringContaining(`${variable}="${value}"`),
      ])
      expect(String(yield* TestConsole.errorLines)).toContain(says)
    }),
  )

  it.effect("say how spans are delivered", () =>
    Effect.gen(function* () {
      const settings = yield* settingsOf({
        OTEL_BSP_SCHEDULE_DELAY: "0",
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "100",
        OTEL_BSP_MAX_QUEUE_SIZE: "1000",
        SCOPELINE_QUEUE_BYTES: "1048576",
        OTEL_BSP_EXPORT_TIMEOUT: "3000",
      })
      expect(settings).toMatchObject({
        batchDelay: 0,
        batchSpans: 100,
        queueSpans: 1000,
        queueBytes: 1_048_576,
        drainTimeout: 3000,
      })
    }),
  )

  it.effect.each(["0", "-1", "1.5", "many"])(
    "leave out a size that is %s, with a warning",
    (size) =>
      Effect.gen(function* () {
        const { queueSpans } = yield* settingsOf({ OTEL_BSP_MAX_QUEUE_SIZE: size })
        expect(queueSpans).toBeUndefined()
        expect(String(yield* TestConsole.errorLines)).toContain(`OTEL_BSP_MAX_QUEUE_SIZE="${size}"`)
      }),
  )

  it.effect.each(refused)(
    "end no program by $variable=$value: it is told once, and no spans are sent",
    ({ variable, value }) =>
      Effect.gen(function* () {
        yield* Layer.build(layerTelemetryFromEnvironment({ serviceName: "starts" })).pipe(
          Effect.provide(
            ConfigProvider.layer(ConfigProvider.fromEnv({ env: { [variable]: value } })),
          ),
        )
        expect(yield* TestConsole.errorLines).toEqual([
          expect.stringMatching(/^\w+="\S+" .*Scopeline sends no spans\.$/),
        ])
      }),
  )

  it.effect.each([
    { list: undefined, names: undefined },
    { list: "host", names: ["host"] },
    { list: "env, host", names: ["env", "host"] },
    { list: "all", names: ["env", "host", "os", "process", "serviceinstance"] },
    { list: "host,none", names: [] },
  ])("name the detectors of OTEL_NODE_RESOURCE_DETECTORS=$list", ({ list, names }) =>
    Effect.gen(function* () {
      const env = list === undefined ? {} : { OTEL_NODE_RESOURCE_DETECTORS: list }
      expect((yield* settingsOf(env)).detectors).toEqual(names)
    }),
  )

  it.effect("leave out a detector that is not known, with a warning", () =>
    Effect.gen(function* () {
      const { detectors } = yield* settingsOf({ OTEL_NODE_RESOURCE_DETECTORS: "host,container" })
      expect(detectors).toEqual(["host"])
      expect((yield* TestConsole.errorLines).join()).toContain(
        'OTEL_NODE_RESOURCE_DETECTORS names "container"',
      )
    }),
  )

  it.effect.each(["much", "-0.1", "1.5", "10%", "NaN", "Infinity"])(
    "are refused where scopeline_keep is to keep a share of %s",
    (share) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          settingsOf({ OTEL_TRACES_SAMPLER: "scopeline_keep", OTEL_TRACES_SAMPLER_ARG: share }),
        )
        expect(error.variable).toBe("OTEL_TRACES_SAMPLER_ARG")
        expect(error.message).toBe(
          `OTEL_TRACES_SAMPLER_ARG="${share}" is no share for scopeline_keep: set it to a number from 0 to 1.`,
        )
      }),
  )

  it.effect.each([
    { share: "0.25", ratio: 0.25 },
    { share: "0", ratio: 0 },
    { share: "", ratio: 1 },
  ])("let scopeline_keep keep a share of $ratio where that is '$share'", ({ share, ratio }) =>
    Effect.gen(function* () {
      const { sampler } = yield* settingsOf({
        OTEL_TRACES_SAMPLER: "scopeline_keep",
        OTEL_TRACES_SAMPLER_ARG: share,
      })
      expect(sampler).toEqual({ name: "scopeline_keep", ratio })
    }),
  )

  it.effect.each(["traceidratio", "parentbased_traceidratio"])(
    "take 1 for a share that is none for %s, and warn of it",
    (name) =>
      Effect.gen(function* () {
        const { sampler } = yield* settingsOf({
          OTEL_TRACES_SAMPLER: name,
          OTEL_TRACES_SAMPLER_ARG: "much",
        })
        expect(sampler).toEqual({ name, ratio: 1 })
        expect(String(yield* TestConsole.errorLines)).toContain(
          `OTEL_TRACES_SAMPLER_ARG="much" is no share for ${name}`,
        )
      }),
  )

  it.effect("do not ask for a share where the sampler takes none", () =>
    Effect.gen(function* () {
      yield* settingsOf({ OTEL_TRACES_SAMPLER: "always_on", OTEL_TRACES_SAMPLER_ARG: "much" })
      expect(yield* TestConsole.errorLines).toEqual([])
    }),
  )

  it.effect("name no endpoint by default", () =>
    Effect.gen(function* () {
      expect((yield* settingsOf({})).endpoint).toBeUndefined()
    }),
  )

  it.effect("count an empty variable as unset", () =>
    Effect.gen(function* () {
      const empty = {
        OTEL_EXPORTER_OTLP_ENDPOINT: "",
        OTEL_TRACES_SAMPLER: "",
        OTEL_SERVICE_NAME: " ",
      }
      const settings = yield* settingsOf(empty)
      expect(settings).toMatchObject({ endpoint: undefined, serviceName: "default" })
    }),
  )

  it.effect.each([
    { env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318" }, url: "http://c:4318/v1/traces" },
    { env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318/" }, url: "http://c:4318/v1/traces" },
    { env: { OTEL_EXPORTER_OTLP_ENDPOINT: "https://c/otlp" }, url: "https://c/otlp/v1/traces" },
    { env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://c:4318" }, url: "http://c:4318" },
  ])("send spans to $url where $env", ({ env, url }) =>
    Effect.gen(function* () {
      const { endpoint } = yield* settingsOf(env)
      expect(endpoint && tracesUrl(endpoint)).toBe(url)
    }),
  )

  it.effect("take the service's name from OTEL_SERVICE_NAME before the resource attributes", () =>
    Effect.gen(function* () {
      const OTEL_RESOURCE_ATTRIBUTES = "service.name=second"
      expect((yield* settingsOf({ OTEL_RESOURCE_ATTRIBUTES })).serviceName).toBe("second")
      const both = yield* settingsOf({ OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME: "first" })
      expect(both.serviceName).toBe("first")
    }),
  )

  it.effect(
    "decode resource attributes, leave out what is no pair, and win over the defaults",
    () =>
      Effect.gen(function* () {
        const { resource } = yield* settingsOf({
          OTEL_RESOURCE_ATTRIBUTES: "a=theirs, c = x%20y%2Cz ,nothing,=none,d=1=2,e=",
        })
        expect(resource).toEqual({ a: "theirs", b: "own", c: "x y,z", d: "1=2", e: "" })
      }),
  )
})

describe.concurrent("scopeline serve", () => {
  it.live.each([
    { variable: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "localhost:4318" },
    { variable: "OTEL_TRACES_SAMPLER", value: "sometimes" },
  ])(
    "ends with 2 and one clear line where $variable=$value",
    ({ variable, value }) =>
      Effect.gen(function* () {
        const server = yield* scopeline(["serve", "--port", "0"], {
          variables: { [variable]: value },
        })
        expect(yield* server.ended).toBe(2)
        expect(server.stdout()).toBe("")
        expect(server.stderr()).toMatch(new RegExp(`^${variable}="${value}" [^\\n]+\\.\\n$`))
      }),
    30_000,
  )
})
