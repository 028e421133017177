import { fileURLToPath } from "node:url"
import { withoutSlash } from "../../../otel/export/address.ts"
import packageJson from "../../../package.json" with { type: "json" }

type Variables = Readonly<Record<string, string | undefined>>

/** What is loaded in front of the program. */
export const registerUrl = new URL("../../../otel/register.js", import.meta.url).href

/** What says where traces go and which ones; the program sends all of them here. */
const replaced = [
  "OTEL_SDK_DISABLED",
  "OTEL_TRACES_EXPORTER",
  "OTEL_TRACES_SAMPLER",
  "OTEL_TRACES_SAMPLER_ARG",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
  "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
  "OTEL_EXPORTER_OTLP_HEADERS",
]

/** npm says whose script runs. In a clone that is Scopeline's own, and a program would be called after it. */
const ofOurScript = ["npm_package_name", "npm_package_version"]

/** The environment of a program whose spans go to this address, with Scopeline in front of it. */
export const childVariables = (own: Variables, otlp: string): Variables => {
  const isOurs = own.npm_package_name === packageJson.name
  const left = isOurs ? [...replaced, ...ofOurScript] : replaced
  const kept = Object.fromEntries(Object.entries(own).filter(([name]) => !left.includes(name)))
  const protocol = own.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? own.OTEL_EXPORTER_OTLP_PROTOCOL
  return {
    ...kept,
    ...otherSignals(own),
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol === "http/protobuf" ? protocol : "http/json",
    OTEL_BSP_SCHEDULE_DELAY: "100",
    NODE_OPTIONS: added(own.NODE_OPTIONS, `--import=${registerUrl}`),
    BUN_OPTIONS: added(own.BUN_OPTIONS, `--preload=${fileURLToPath(registerUrl)}`),
    SCOPELINE_WATCH: "1",
  }
}

/** Metrics and logs still go where they went before. */
const otherSignals = ({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...own }: Variables): Variables => {
  if (endpoint === undefined || endpoint.trim() === "") return {}
  const at = (signal: string) => `${withoutSlash(endpoint)}/v1/${signal}`
  return {
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: own.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT ?? at("metrics"),
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: own.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT ?? at("logs"),
  }
}

const isThere = /\bscopeline\/register\b|\/otel\/register\.js\b/

const added = (options: string | undefined, option: string): string => {
  const given = options?.trim() ?? ""
  if (given === "") return option
  return isThere.test(given) ? given : `${given} ${option}`
}
