import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { FINDING } from "../../otel/attributes.ts"
import { readCompose, serviceNamed } from "./compose.ts"
import { fileText } from "./repository.ts"

const Endpoint = Schema.Struct({ endpoint: Schema.String })

const CollectorConfig = Schema.Struct({
  service: Schema.Struct({
    pipelines: Schema.Struct({
      traces: Schema.Struct({
        receivers: Schema.Array(Schema.String),
        processors: Schema.Array(Schema.String),
        exporters: Schema.Array(Schema.String),
      }),
    }),
  }),
  receivers: Schema.Struct({
    otlp: Schema.Struct({ protocols: Schema.Struct({ http: Endpoint, grpc: Endpoint }) }),
  }),
  processors: Schema.Struct({
    memory_limiter: Schema.Struct({ limit_mib: Schema.Int }),
    tail_sampling: Schema.Struct({
      decision_wait: Schema.String,
      policies: Schema.Array(
        Schema.Struct({
          name: Schema.String,
          type: Schema.String,
          string_attribute: Schema.optional(
            Schema.Struct({
              key: Schema.String,
              values: Schema.Array(Schema.String),
              enabled_regex_matching: Schema.Boolean,
            }),
          ),
        }),
      ),
    }),
  }),
  exporters: Schema.Struct({ otlp_http: Endpoint }),
})

const path = "otel/config/collector.yaml"
const config = Schema.decodeUnknownSync(CollectorConfig)(parse(fileText(path)))
const { exporters, processors, receivers, service } = config
const services = readCompose()
const collector = serviceNamed(services, "collector")
const server = serviceNamed(services, "sse-scale")

describe("the Collector's configuration", () => {
  it("uses every component that it defines", () => {
    expect(service.pipelines.traces).toEqual({
      receivers: Object.keys(receivers),
      processors: Object.keys(processors),
      exporters: Object.keys(exporters),
    })
  })

  it("keeps every trace with a finding, by the attribute that spans have", () => {
    const [findings] = processors.tail_sampling.policies
    expect(findings?.string_attribute).toEqual({
      key: FINDING,
      values: [".+"],
      enabled_regex_matching: true,
    })
  })

  it("defines each policy by its type alone", () => {
    const { policies } = processors.tail_sampling
    expect(policies.map(({ type }) => type)).toEqual([
      "string_attribute",
      "status_code",
      "probabilistic",
    ])
    const raw = fileText(path)
    for (const { type } of policies) expect(raw).toContain(`        ${type}:\n`)
  })
})

describe("docker compose --profile scale", () => {
  it("starts a Collector of a pinned version with that file, in front of Jaeger", () => {
    expect(collector.profiles).toEqual(["scale"])
    expect(collector.image).toMatch(/^otel\/opentelemetry-collector-contrib:0\.\d+\.\d+$/)
    expect(collector.volumes).toEqual([`./${path}:${collector.command[1]}:ro`])
    expect(collector.environment).toEqual({
      COLLECTOR_LISTEN_HOST: "0.0.0.0",
      COLLECTOR_EXPORT_ENDPOINT: "http://jaeger:4318",
    })
    expect(exporters.otlp_http.endpoint).toMatch(/^\$\{env:COLLECTOR_EXPORT_ENDPOINT:-/)
    const { grpc, http } = receivers.otlp.protocols
    expect(
      [grpc, http].map(({ endpoint }) =>
        endpoint.replace(/^\$\{env:COLLECTOR_LISTEN_HOST:-\w+\}:/, ""),
      ),
    ).toEqual(collector.expose)
  })

  it("starts a server that sends to it, and no markers on which it would decide too early", () => {
    expect(server.profiles).toEqual(["scale"])
    expect(server.environment?.OTEL_EXPORTER_OTLP_ENDPOINT).toBe("http://collector:4318")
    expect(server.command).not.toContain("--mark-open")
  })
})
