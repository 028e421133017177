import * as Console from "effect/Console"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Observes } from "../instrument/records/observes.ts"
import { warn } from "../instrument/warn.ts"
import { withoutSlash } from "./address.ts"
import type { Protocol } from "./delivery/protocol.ts"
import { deliveryFromEnvironment } from "./delivery-variables.ts"
import { observes } from "./observed-kinds.ts"
import {
  defaultSampler,
  type Sampler,
  type SamplerName,
  samplerNames,
  takesRatio,
} from "./sampling.ts"
import { variable } from "./variable.ts"

/** The standard variables that decide what is exported and where; all are read once, at start. */
export const supportedVariables = [
  "OTEL_SDK_DISABLED",
  "OTEL_SERVICE_NAME",
  "OTEL_RESOURCE_ATTRIBUTES",
  "OTEL_NODE_RESOURCE_DETECTORS",
  "OTEL_TRACES_EXPORTER",
  "OTEL_TRACES_SAMPLER",
  "OTEL_TRACES_SAMPLER_ARG",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_PROTOCOL",
  "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
  "OTEL_EXPORTER_OTLP_HEADERS",
  "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
  "OTEL_EXPORTER_OTLP_TIMEOUT",
  "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
  "OTEL_EXPORTER_OTLP_COMPRESSION",
  "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
  "OTEL_EXPORTER_OTLP_CERTIFICATE",
  "OTEL_BSP_SCHEDULE_DELAY",
  "OTEL_BSP_EXPORT_TIMEOUT",
  "OTEL_BSP_MAX_QUEUE_SIZE",
  "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
  "SCOPELINE_QUEUE_BYTES",
  "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
  "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
  "OTEL_SPAN_EVENT_COUNT_LIMIT",
  "OTEL_SPAN_LINK_COUNT_LIMIT",
] as const

export const detectorNames = ["env", "host", "os", "process", "serviceinstance"] as const

export type DetectorName = (typeof detectorNames)[number]

/** A variable that cannot be used. */
export class SettingsError extends Schema.TaggedError<SettingsError>()("SettingsError", {
  variable: Schema.String,
  message: Schema.String,
}) {}

export interface TelemetrySettings {
  /** Base address of an OTLP/HTTP receiver, or its traces address if `exact`; none: no export. */
  readonly endpoint: { readonly url: string; readonly exact: boolean } | undefined
  /** Why nothing is exported, if the environment turns it off. */
  readonly off?: string
  readonly serviceName: string
  /** Resource attributes besides `service.name`. */
  readonly resource: Readonly<Record<string, string>>
  /**
   * Which detectors add to the resource, by their names in OpenTelemetry's Node SDK. Not given: only `host.id`,
   * as a hash.
   */
  readonly detectors?: ReadonlyArray<DetectorName>
  /** Which traces are exported; those whose parent is sampled, and new ones, by default. */
  readonly sampler?: Sampler
  /**
   * True: the SDK takes what is not given here from its `OTEL_*` variables (batching, limits, headers). False:
   * the environment changes nothing.
   */
  readonly fromEnvironment: boolean
  /** What is observed besides exchanges, scopes, streams and fibers; everything by default. */
  readonly observes?: Observes
  /** How spans are written; `http/json` by default. */
  readonly protocol?: Protocol
  /** How long an ended span may wait for others to be sent with; 1 s unless the settings say otherwise. */
  readonly batchDelay?: Duration.Input
  /** How many spans leave together, at most; 512 by default. */
  readonly batchSpans?: number
  /** About how many bytes of the heap may be taken by spans that wait; 64 MiB by default. */
  readonly queueBytes?: number
  /** How many spans may wait; as many as there is room for by default. */
  readonly queueSpans?: number
  /**
   * How long the last spans may take to leave when the program ends, as long as the collector answers; 5 s by default.
   */
  readonly drainTimeout?: Duration.Input
}

/** What applies if the environment says nothing else. */
export interface SettingsDefaults {
  readonly serviceName: string
  readonly resource?: Readonly<Record<string, string>>
}

const choices = {
  OTEL_TRACES_EXPORTER: ["otlp", "none"],
  OTEL_TRACES_SAMPLER: samplerNames,
} as const

/**
 * Reads the standard `OTEL_*` variables. Without an endpoint nothing is exported. It fails with a
 * `SettingsError` if a sampler or exporter is not supported, if an endpoint is no URL, or if the share for
 * `scopeline_keep` is invalid.
 */
export const settingsFromEnvironment = Effect.fnUntraced(function* (defaults: SettingsDefaults) {
  for (const [variable, allowed] of Object.entries(choices)) {
    yield* checkChoice(variable, allowed)
  }
  const off = yield* switchedOff
  const attributes = yield* resourceAttributes
  const { "service.name": named, ...resource } = attributes
  const detectors = yield* detectorsNamed
  const settings: TelemetrySettings = {
    endpoint: off === undefined ? yield* endpointFromEnvironment : undefined,
    ...(off === undefined ? {} : { off }),
    serviceName: (yield* variable("OTEL_SERVICE_NAME")) ?? named ?? defaults.serviceName,
    resource: { ...defaults.resource, ...resource },
    ...(detectors === undefined ? {} : { detectors }),
    sampler: yield* sampler,
    observes: yield* observes,
    ...(yield* deliveryFromEnvironment),
    fromEnvironment: true,
  }
  return settings
})

/**
 * The same for a program that must start whatever its environment says: it gets a warning, and sends no spans.
 */
export const settingsOrNoExport = (defaults: SettingsDefaults): Effect.Effect<TelemetrySettings> =>
  settingsFromEnvironment(defaults).pipe(
    Effect.catchTag(
      "SettingsError",
      Effect.fnUntraced(function* ({ message }) {
        warn(`${message} Scopeline sends no spans.`, { console: yield* Console.Console })
        const { serviceName, resource = {} } = defaults
        return { endpoint: undefined, serviceName, resource, fromEnvironment: true }
      }),
    ),
  )

/**
 * As the Node SDK reads it: `all`, `none`, or a list. Unknown names in the list are left out, with a warning.
 */
const detectorsNamed = Effect.gen(function* () {
  const list = yield* variable("OTEL_NODE_RESOURCE_DETECTORS")
  if (list === undefined) return undefined
  const names = list.split(",").map((name) => name.trim())
  if (names.includes("all")) return detectorNames
  if (names.includes("none")) return []
  for (const name of names.filter((one) => one !== "" && !isDetector(one))) {
    warn(
      `OTEL_NODE_RESOURCE_DETECTORS names ${JSON.stringify(name)}, which is none of ${detectorNames.join(", ")}, all and none.`,
      { console: yield* Console.Console },
    )
  }
  return names.filter(isDetector)
})

const isDetector = (name: string): name is DetectorName =>
  detectorNames.some((known) => known === name)

const sampler = Effect.gen(function* () {
  const named = yield* variable("OTEL_TRACES_SAMPLER")
  const name = samplerNames.find((it) => it === named) ?? defaultSampler.name
  return { name, ratio: takesRatio(name) ? yield* ratioFor(name) : 1 }
})

/** A share from 0 to 1. For the standard samplers an invalid share counts as 1, as the specification says. */
const ratioFor = Effect.fnUntraced(function* (name: SamplerName) {
  const argument = yield* variable("OTEL_TRACES_SAMPLER_ARG")
  const ratio = argument === undefined ? 1 : Number(argument)
  if (ratio >= 0 && ratio <= 1) return ratio
  const message = `OTEL_TRACES_SAMPLER_ARG=${JSON.stringify(argument)} is no share for ${name}: set it to a number from 0 to 1.`
  if (name === "scopeline_keep") {
    return yield* new SettingsError({ variable: "OTEL_TRACES_SAMPLER_ARG", message })
  }
  warn(`${message} It counts as 1.`, { console: yield* Console.Console })
  return 1
})

const switchedOff = Effect.gen(function* () {
  if ((yield* variable("OTEL_SDK_DISABLED"))?.toLowerCase() === "true") {
    return "OTEL_SDK_DISABLED is true"
  }
  return (yield* variable("OTEL_TRACES_EXPORTER")) === "none"
    ? "OTEL_TRACES_EXPORTER is none"
    : undefined
})

const checkChoice = Effect.fnUntraced(function* (name: string, allowed: ReadonlyArray<string>) {
  const value = yield* variable(name)
  if (value === undefined || allowed.includes(value)) return
  const message = `${name}=${JSON.stringify(value)} is not supported here: use ${allowed.join(", ")}.`
  return yield* new SettingsError({ variable: name, message })
})

/** Where the standard variables say that spans go. */
export const endpointFromEnvironment = Effect.gen(function* () {
  const exact = yield* address("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
  if (exact !== undefined) return { url: exact, exact: true }
  const base = yield* address("OTEL_EXPORTER_OTLP_ENDPOINT")
  return base === undefined ? undefined : { url: base, exact: false }
})

const address = Effect.fnUntraced(function* (name: (typeof supportedVariables)[number]) {
  const url = yield* variable(name)
  if (url === undefined || /^https?:$/.test(URL.parse(url)?.protocol ?? "")) return url
  const message = `${name}=${JSON.stringify(url)} is no http or https address: set it like http://127.0.0.1:4318.`
  return yield* new SettingsError({ variable: name, message })
})

/** `key=value` pairs, percent-encoded; an invalid pair is left out. */
const resourceAttributes = Effect.map(variable("OTEL_RESOURCE_ATTRIBUTES"), (list = "") => {
  const attributes: Record<string, string> = {}
  for (const pair of list.split(",")) {
    const [, key, value] = /^\s*([^=]+?)\s*=\s*(.*?)\s*$/.exec(pair) ?? []
    if (key !== undefined && value !== undefined) attributes[decode(key)] = decode(value)
  }
  return attributes
})

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Where the exporter sends: the base address with `/v1/traces` behind it. */
export const tracesUrl = (endpoint: { readonly url: string; readonly exact: boolean }): string =>
  endpoint.exact ? endpoint.url : `${withoutSlash(endpoint.url)}/v1/traces`
