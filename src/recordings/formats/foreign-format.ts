import { type Fields, isFields } from "../../otlp/fields.ts"

/** A format of telemetry that we do not read. */
interface ForeignFormat {
  readonly name: string
  readonly advice: string
  readonly is: (sample: Fields) => boolean
}

const has =
  (...names: ReadonlyArray<string>) =>
  (sample: Fields): boolean =>
    names.every((name) => Object.hasOwn(sample, name))

const hasEither =
  (...names: ReadonlyArray<string>) =>
  (sample: Fields): boolean =>
    names.some((name) => Object.hasOwn(sample, name))

const throughCollector = (receiver: string): string =>
  `convert it with an OpenTelemetry Collector (receiver "${receiver}", exporter "file")`

const askJaeger = 'let "scopeline diagnose URL" ask Jaeger for traces'

const sendOtlp = 'send OTLP to "scopeline collect" instead'

const isNothing = (value: unknown): boolean =>
  value === null ||
  (Array.isArray(value) ? value.length === 0 : isFields(value) && Object.keys(value).length === 0)

const isError = ({ error, ...more }: Fields): boolean =>
  isFields(error) && has("httpCode")(error) && isNothing(more)

/** The older interface also answers with errors beside the traces that it could read. */
const isOldError = ({ data, errors }: Fields): boolean =>
  isNothing(data) && Array.isArray(errors) && errors.some(isFields)

const isList = ({ services, operations, ...more }: Fields): boolean =>
  [services, operations].some(Array.isArray) && isNothing(more)

const isOldList = ({ data }: Fields): boolean => Array.isArray(data) && typeof data[0] === "string"

const formats: ReadonlyArray<ForeignFormat> = [
  {
    name: "OTLP logs, not traces",
    advice: "record the traces",
    is: hasEither("resourceLogs", "resource_logs"),
  },
  {
    name: "OTLP metrics, not traces",
    advice: "record the traces",
    is: hasEither("resourceMetrics", "resource_metrics"),
  },
  {
    name: "OTLP profiles, not traces",
    advice: "record the traces",
    is: hasEither("resourceProfiles", "resource_profiles"),
  },
  {
    name: "Zipkin's JSON",
    advice: throughCollector("zipkin"),
    is: (sample) =>
      has("traceId", "id")(sample) &&
      hasEither("localEndpoint", "timestamp", "duration", "annotations")(sample),
  },
  {
    name: "Datadog's JSON",
    advice: throughCollector("datadog"),
    is: (sample) => has("trace_id", "span_id", "service", "resource")(sample),
  },
  {
    name: "AWS X-Ray's JSON",
    advice: throughCollector("awsxray"),
    is: (sample) => has("trace_id", "id", "start_time")(sample) || has("Id", "Segments")(sample),
  },
  {
    name: "what the console exporter of an OpenTelemetry SDK prints",
    advice: sendOtlp,
    is: (sample) => has("context", "start_time")(sample) || has("SpanContext")(sample),
  },
  {
    name: "a HAR file of a browser",
    advice: sendOtlp,
    is: ({ log }) => isFields(log) && has("entries")(log),
  },
  {
    name: "an error that Jaeger answered, not traces",
    advice: askJaeger,
    is: (sample) => isError(sample) || isOldError(sample),
  },
  {
    name: "Jaeger's list of services or operations, not traces",
    advice: askJaeger,
    is: (sample) => isList(sample) || isOldList(sample),
  },
  { name: "a Chrome trace", advice: sendOtlp, is: has("traceEvents") },
]

/** The name of a document's format, if it holds no traces of OTLP or Jaeger, and what to do about it. */
export const foreignFormat = (document: unknown): string | undefined => {
  const sample = sampleOf(document)
  const format = sample && formats.find(({ is }) => is(sample))
  return format && `${format.name}: ${format.advice}`
}

/**
 * Zipkin keeps lists of spans; Zipkin and Datadog also keep lists of traces; Datadog's page has spans by their
 * id.
 */
const sampleOf = (document: unknown): Fields | undefined => {
  const first = Array.isArray(document) ? document.flat(1).find(isFields) : document
  if (!isFields(first)) return undefined
  const { traces = first.Traces, trace } = first
  if (Array.isArray(traces)) return traces.flat(1).find(isFields) ?? first
  if (isFields(trace) && isFields(trace.spans)) return Object.values(trace.spans).find(isFields)
  return first
}
