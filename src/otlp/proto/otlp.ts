/**
 * What Scopeline reads and writes of OTLP over protobuf, in protobuf's own notation. The README
 * beside this file says where the field numbers come from and what is left out.
 */
export const otlpDefinition = `
syntax = "proto3";

package otlp;

// --- trace service

message ExportTraceServiceResponse {
  ExportTracePartialSuccess partial_success = 1;
}

message ExportTracePartialSuccess {
  int64 rejected_spans = 1;
  string error_message = 2;
}

// --- trace

message Span {
  bytes trace_id = 1;
  bytes span_id = 2;
  bytes parent_span_id = 4;
  string name = 5;
  int32 kind = 6;
  fixed64 start_time_unix_nano = 7;
  fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9;
  repeated Event events = 11;
  repeated Link links = 13;
  Status status = 15;

  message Event {
    fixed64 time_unix_nano = 1;
    string name = 2;
    repeated KeyValue attributes = 3;
  }

  message Link {
    bytes trace_id = 1;
    bytes span_id = 2;
    repeated KeyValue attributes = 4;
  }
}

message Status {
  string message = 2;
  int32 code = 3;
}

// --- resource

message Resource {
  repeated KeyValue attributes = 1;
}

// --- common

message InstrumentationScope {
  string name = 1;
  string version = 2;
}

message KeyValue {
  string key = 1;
  AnyValue value = 2;
}

message AnyValue {
  oneof value {
    string string_value = 1;
    bool bool_value = 2;
    int64 int_value = 3;
    double double_value = 4;
    ArrayValue array_value = 5;
    KeyValueList kvlist_value = 6;
    bytes bytes_value = 7;
  }
}

message ArrayValue {
  repeated AnyValue values = 1;
}

message KeyValueList {
  repeated KeyValue values = 1;
}

// --- google.rpc.Status, the body of an answer that is an error

message RpcStatus {
  int32 code = 1;
  string message = 2;
}
`

/**
 * Field numbers of the messages around the spans: `ExportTraceServiceRequest.resource_spans`,
 * `ResourceSpans.resource` and `.scope_spans`, `ScopeSpans.scope` and `.spans`. We walk them by hand: a damaged
 * span does not cost the whole request, and a request of empty messages costs no memory.
 */
export const envelopeField = { resourceSpans: 1, resource: 1, scopeSpans: 2, scope: 1, spans: 2 } as const
