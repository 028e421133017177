import { deepStrictEqual, match, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { childVariables, registerUrl } from "../../../src/commands/watch/child-variables.ts"
import { forwardTargetIn } from "../../../src/commands/watch/forward-target.ts"

const otlp = "http://127.0.0.1:41573"

describe("the variables of a program under watch", () => {
  it("lead its spans here, and put Scopeline in front of it", () => {
    const variables = childVariables({ HOME: "/home/me" }, otlp)
    deepStrictEqual(variables, {
      HOME: "/home/me",
      OTEL_EXPORTER_OTLP_ENDPOINT: otlp,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_BSP_SCHEDULE_DELAY: "100",
      NODE_OPTIONS: `--import=${registerUrl}`,
      BUN_OPTIONS: `--preload=${registerUrl.replace("file://", "")}`,
      SCOPELINE_WATCH: "1",
    })
    match(registerUrl, /^file:\/\/\/.*\/otel\/register\.js$/)
  })

  it("keep the options that are there, and name what is loaded once", () => {
    const { NODE_OPTIONS } = childVariables({ NODE_OPTIONS: "--max-old-space-size=512" }, otlp)
    strictEqual(NODE_OPTIONS, `--max-old-space-size=512 --import=${registerUrl}`)
    const named = { NODE_OPTIONS: "--import=scopeline/register" }
    strictEqual(childVariables(named, otlp).NODE_OPTIONS, "--import=scopeline/register")
  })

  it("name the package whose script npm runs, unless that is Scopeline itself in a clone", () => {
    const named = (npm_package_name: string) => {
      const given = childVariables({ npm_package_name, npm_package_version: "0.2.0" }, otlp)
      return [given.npm_package_name, given.npm_package_version]
    }
    deepStrictEqual(named("shop"), ["shop", "0.2.0"])
    deepStrictEqual(named("scopeline"), [undefined, undefined])
  })

  it("let nothing keep spans back or lead them elsewhere, and leave metrics and logs where they went", () => {
    const variables = childVariables(
      {
        OTEL_SDK_DISABLED: "true",
        OTEL_TRACES_SAMPLER: "traceidratio",
        OTEL_TRACES_SAMPLER_ARG: "0.01",
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces.example/in",
        OTEL_EXPORTER_OTLP_ENDPOINT: "https://otlp.example/",
        OTEL_EXPORTER_OTLP_HEADERS: "authorization=secret",
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      },
      otlp,
    )
    const { NODE_OPTIONS: _, BUN_OPTIONS: __, ...rest } = variables
    deepStrictEqual(rest, {
      OTEL_EXPORTER_OTLP_ENDPOINT: otlp,
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "https://otlp.example/v1/metrics",
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "https://otlp.example/v1/logs",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_BSP_SCHEDULE_DELAY: "100",
      SCOPELINE_WATCH: "1",
    })
  })
})

describe("where the spans of a program are sent on to", () => {
  it.each([
    { variables: {}, url: undefined },
    { variables: { OTEL_EXPORTER_OTLP_ENDPOINT: " " }, url: undefined },
    {
      variables: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318/" },
      url: "http://c:4318/v1/traces",
    },
    {
      variables: {
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318",
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://t.example/in?key=1",
      },
      url: "https://t.example/in?key=1",
    },
    {
      variables: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318", OTEL_SDK_DISABLED: "TRUE" },
      url: undefined,
    },
    { variables: { OTEL_EXPORTER_OTLP_ENDPOINT: "grpc://c:4317" }, url: undefined },
  ])("is $url for $variables", ({ variables, url }) => {
    strictEqual(forwardTargetIn(variables)?.url, url)
  })

  it("is asked with the headers that are set for it", () => {
    const target = forwardTargetIn({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318",
      OTEL_EXPORTER_OTLP_HEADERS: "a=1, authorization=Bearer%20abc, none",
    })
    deepStrictEqual(target?.headers, { a: "1", authorization: "Bearer abc" })
  })
})
