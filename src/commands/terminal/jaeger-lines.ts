import { compareLink, searchLink, traceLink } from "../../recordings/jaeger/links.ts"

interface TraceInJaeger {
  readonly title: string
  readonly traceId: string
}

const serviceOfServers = "scopeline-sse"

/** Where Jaeger shows each trace, the first two beside each other, and all that each rule was found in. */
export const jaegerLines = (
  ui: string,
  shown: ReadonlyArray<TraceInJaeger>,
  rules: ReadonlyArray<string>,
): ReadonlyArray<string> => {
  const [first, second] = shown
  const titles = [...shown.map(({ title }) => title), "compared", ...rules]
  const column = Math.max(...titles.map((title) => title.length)) + 1
  const line = (title: string, link: string) => `${`${title}:`.padEnd(column)} ${link}`
  return [
    "In Jaeger:",
    ...shown.map(({ title, traceId }) => line(title, traceLink(ui, traceId))),
    ...(first !== undefined && second !== undefined
      ? [line("compared", compareLink(ui, first.traceId, second.traceId))]
      : []),
    ...rules.map((rule) => line(rule, searchLink(ui, serviceOfServers, rule))),
  ]
}
