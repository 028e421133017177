import * as Effect from "effect/Effect"
import type { Group, ScopeGroup } from "./groups.ts"
import { envelopeField, otlpDefinition } from "./proto/otlp.ts"

type Protobuf = typeof import("protobufjs")

/** The messages of OTLP, and the groups of spans in an export request. */
export interface OtlpProtobuf {
  /** Throws if the bytes are not an export request. */
  readonly groups: (request: Uint8Array) => Iterable<Group>
  /** Throws if the bytes are not a span, or more than 1 MiB. */
  readonly span: (bytes: Uint8Array) => unknown
  /** `ExportTraceServiceResponse`. */
  readonly response: (rejected: number, errorMessage: string) => Uint8Array
  /** `google.rpc.Status`. */
  readonly status: (code: number, message: string) => Uint8Array
}

const lengthDelimited = 2

/** More spans than fit into 32 MiB if each has its ids and times. */
const mostMessages = 1_000_000

/** The time to decode a span of empty attributes grows with its bytes. */
const largestSpan = 1024 * 1024

/** Each message in the given field, one at a time. */
function* messagesAt({ Reader }: Protobuf, bytes: Uint8Array, field: number) {
  const reader = Reader.create(bytes)
  for (let messages = 0; reader.pos < reader.len; messages++) {
    if (messages === mostMessages) throw new RangeError("too many messages")
    const tag = reader.uint32()
    if (tag === ((field << 3) | lengthDelimited)) yield reader.bytes()
    else reader.skipType(tag & 7)
  }
}

const make = (protobuf: Protobuf): OtlpProtobuf => {
  const { root } = protobuf.parse(otlpDefinition)
  const span = root.lookupType("otlp.Span")
  const resource = root.lookupType("otlp.Resource")
  const scope = root.lookupType("otlp.InstrumentationScope")
  const response = root.lookupType("otlp.ExportTraceServiceResponse")
  const status = root.lookupType("otlp.RpcStatus")

  const attributesOf = (resourceSpans: Uint8Array): unknown => {
    let attributes: unknown
    for (const bytes of messagesAt(protobuf, resourceSpans, envelopeField.resource)) {
      const message: object = resource.decode(bytes)
      attributes = "attributes" in message ? message.attributes : undefined
    }
    return attributes
  }

  const scopeOf = (scopeSpans: Uint8Array): unknown => {
    let last: unknown
    for (const bytes of messagesAt(protobuf, scopeSpans, envelopeField.scope)) {
      last = scope.decode(bytes)
    }
    return last
  }

  function* scopesOf(resourceSpans: Uint8Array): Generator<ScopeGroup> {
    for (const bytes of messagesAt(protobuf, resourceSpans, envelopeField.scopeSpans)) {
      yield { scope: scopeOf(bytes), spans: messagesAt(protobuf, bytes, envelopeField.spans) }
    }
  }

  return {
    groups: function* (request) {
      let any = request.length === 0
      for (const bytes of messagesAt(protobuf, request, envelopeField.resourceSpans)) {
        any = true
        yield { attributes: attributesOf(bytes), scopes: scopesOf(bytes) }
      }
      if (!any) throw new RangeError("no resource_spans")
    },
    span: (bytes) => {
      if (bytes.length > largestSpan) throw new RangeError("span too large")
      return span.decode(bytes)
    },
    response: (rejectedSpans, errorMessage) =>
      rejectedSpans === 0
        ? new Uint8Array()
        : response.encode({ partialSuccess: { rejectedSpans, errorMessage } }).finish(),
    status: (code, message) => status.encode({ code, message }).finish(),
  }
}

let loaded: Promise<OtlpProtobuf> | undefined

const load = (): Promise<OtlpProtobuf> => {
  loaded ??= import("protobufjs").then(({ default: protobuf }) => make(protobuf))
  return loaded
}

/** Loads protobufjs when it is first needed: most programs send and read JSON. */
export const otlpProtobuf: Effect.Effect<OtlpProtobuf> = Effect.promise(load)
