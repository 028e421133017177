import { compareLink, searchLink, traceLink } from "../../recordings/jaeger/links.ts"

interface TraceInJaeger {
  readonly title: string
  readonly traceId: string
}

const serviceOfServers = "scopeline-sse"

interface Diagnosed {
  readonly diagnosis: { readonly findings: ReadonlyArray<{ readonly rule: string }> }
}

/** Each rule that held, once. */
export const rulesOf = (compared: ReadonlyArray<Diagnosed>): ReadonlyArray<string> => [
  ...new Set(compared.flatMap(({ diagnosis }) => diagnosis.findings.map(({ rule }) => rule))),
]

/**
 * Links to each trace in Jaeger, to the comparison of neighbours, and to all traces in which each rule was
 * found.
 */
export const jaegerLines = (
  ui: string,
  shown: ReadonlyArray<TraceInJaeger>,
  rules: ReadonlyArray<string>,
): ReadonlyArray<string> => {
  const last = shown.at(-1)
  const pairs = shown.slice(0, -1).map(({ title, traceId }) => ({
    title: shown.length === 2 ? "compared" : `${title}, ${last?.title}`,
    link: compareLink(ui, traceId, last?.traceId ?? traceId),
  }))
  const titles = [...shown, ...pairs].map(({ title }) => title).concat(rules)
  const column = Math.max(...titles.map((title) => title.length)) + 1
  const line = (title: string, link: string) => `${`${title}:`.padEnd(column)} ${link}`
  return [
    "In Jaeger:",
    ...shown.map(({ title, traceId }) => line(title, traceLink(ui, traceId))),
    ...pairs.map(({ title, link }) => line(title, link)),
    ...rules.map((rule) => line(rule, searchLink(ui, serviceOfServers, rule))),
  ]
}
