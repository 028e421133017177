import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer"

/** How spans are written that leave over HTTP, as `OTEL_EXPORTER_OTLP_PROTOCOL` names it. */
export type Protocol = "http/json" | "http/protobuf"

/** The SDK's own writers, and what they write. */
export const encodings = {
  "http/json": { serializer: JsonTraceSerializer, contentType: "application/json" },
  "http/protobuf": { serializer: ProtobufTraceSerializer, contentType: "application/x-protobuf" },
} as const
