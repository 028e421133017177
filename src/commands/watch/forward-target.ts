import { tracesUrl } from "../../../otel/export/settings.ts"
import type { ForwardTarget } from "../../watch/forwarding.ts"

type Variables = Readonly<Record<string, string | undefined>>

/** Where the variables send spans; `undefined` if they say nothing, or turn sending off. */
export const forwardTargetIn = (variables: Variables): ForwardTarget | undefined => {
  const set = (name: string): string | undefined => {
    const value = variables[name]?.trim()
    return value === "" ? undefined : value
  }
  if (set("OTEL_SDK_DISABLED")?.toLowerCase() === "true") return undefined
  if (set("OTEL_TRACES_EXPORTER") === "none") return undefined
  const exact = set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
  const base = set("OTEL_EXPORTER_OTLP_ENDPOINT")
  const url = exact ?? (base === undefined ? undefined : tracesUrl({ url: base, exact: false }))
  if (url === undefined || !/^https?:$/.test(URL.parse(url)?.protocol ?? "")) return undefined
  const headers =
    set("OTEL_EXPORTER_OTLP_TRACES_HEADERS") ?? set("OTEL_EXPORTER_OTLP_HEADERS") ?? ""
  return { url, headers: headersIn(headers) }
}

/** `key=value` pairs, percent-encoded; an invalid pair is left out. */
const headersIn = (list: string): Readonly<Record<string, string>> => {
  const headers: Record<string, string> = {}
  for (const pair of list.split(",")) {
    const [, key, value] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? []
    if (key !== undefined && value !== undefined) headers[key] = decoded(value)
  }
  return headers
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
