import { context } from "@opentelemetry/api"
import { suppressTracing } from "@opentelemetry/core"
import { AlwaysOnSampler, NodeTracerProvider } from "@opentelemetry/sdk-trace-node"
import packageJson from "../../package.json" with { type: "json" }
import { harmlessly } from "../instrument/harmlessly.ts"
import { takenOf } from "./delivery/answer.ts"
import { Collector } from "./delivery/collector.ts"
import { Delivery, type Recipient } from "./delivery/delivery.ts"
import type { Standing } from "./delivery/losses.ts"
import { encodings, type Protocol } from "./delivery/protocol.ts"
import type { SpanStarter } from "./held-span.ts"
import { ReservedIds } from "./reserved-ids.ts"
import { type ResourceOptions, resourceOf } from "./resource.ts"

/** What the SDK is to do, as plain data. */
export interface SdkOptions extends ResourceOptions {
  readonly url: string
  readonly protocol: Protocol
  /** Whether the environment says what is not said here. */
  readonly fromEnvironment: boolean
  /** How long a span that ended may wait for others to leave with. */
  readonly delayMillis: number
  /** How many leave together, at most. */
  readonly batchSpans: number
  /** How much may wait. */
  readonly queueBytes: number
  readonly queueSpans: number
}

/** The SDK: makes spans, which are delivered in batches. */
export interface Sdk {
  readonly starter: SpanStarter
  readonly ids: ReservedIds
  readonly delivery: Delivery
}

/** `changed` is called with the state of the delivery whenever something has arrived or is lost. */
export const openSdk = (options: SdkOptions, changed?: (standing: Standing) => void): Sdk => {
  const { delayMillis, batchSpans, queueBytes, queueSpans } = options
  const resource = resourceOf(options)
  const bounds = { bytes: queueBytes, spans: queueSpans, batch: Math.min(batchSpans, queueSpans) }
  const known = resource.asyncAttributesPending ? resource.waitForAsyncAttributes?.() : undefined
  const delivery = new Delivery(recipientOf(options, known), { delayMillis, ...bounds }, changed)
  const ids = new ReservedIds()
  const provider = new NodeTracerProvider({
    idGenerator: ids,
    resource,
    spanProcessors: [delivery],
    sampler: new AlwaysOnSampler(), // what is not sampled never comes here
  })
  return { starter: provider.getTracer("scopeline", packageJson.version), ids, delivery }
}

/** The collector, which is sent what the SDK's own serializer writes. */
const recipientOf = (
  { url, protocol, fromEnvironment }: SdkOptions,
  ready: Promise<void> | undefined,
): Recipient => {
  const { serializer, contentType } = encodings[protocol]
  const collector = new Collector({ url, contentType, fromEnvironment })
  const read = (said: Uint8Array): unknown => {
    try {
      return serializer.deserializeResponse(said)
    } catch {
      return undefined // it has taken the spans, whatever it says
    }
  }
  return {
    ready,
    serialize: (spans) =>
      harmlessly(() => serializer.serializeRequest(spans), undefined, "export a lifetime"),
    // No instrumentation of HTTP makes spans of the sending of spans.
    send: (body, spans) =>
      context.with(suppressTracing(context.active()), () =>
        collector.send(body, (said) => takenOf(spans, read(said))),
      ),
    close: () => collector.close(),
  }
}
