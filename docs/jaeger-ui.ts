import {
  EVIDENCE_PREFIX,
  FINDING,
  FINDING_FIX,
  FINDING_MESSAGE,
  SCOPE_SPAN_ID,
  SUBSCRIPTION_SPAN_ID,
  spanName,
} from "../otel/attributes.ts"
import type { Rule } from "../otel/lifetimes/rule.ts"

/** The service of the stack's servers; Jaeger searches by service. */
const service = "scopeline-sse"

/** Where the page of the stack is. */
const page = "http://127.0.0.1:4090"

const searchUrl = (query: Readonly<Record<string, string>>): string =>
  `/search?${new URLSearchParams({ service, lookback: "1h", limit: "20", ...query })}`

/** Marks a place that Jaeger fills in. */
const template = (name: string): string => `#{${name}}`

/** Attributes, of a span or of its events, that hold the id of another span of the trace. */
const linkToSpan = ["tags", "logs"].flatMap((type) =>
  [SCOPE_SPAN_ID, SUBSCRIPTION_SPAN_ID].map((key) => ({
    type,
    key,
    url: `/trace/${template("trace.traceID")}?uiFind=${template(key)}`,
    text: "Show that span",
  })),
)

/** Evidence that holds the id of another trace. */
const linkToTrace = ["owner.trace", "resource.trace"].map((name) => ({
  type: "tags",
  key: EVIDENCE_PREFIX + name,
  url: `/trace/${template(EVIDENCE_PREFIX + name)}`,
  text: "Show that trace",
}))

/**
 * The configuration of Jaeger's UI: a menu that searches for each rule's findings, links between spans, and the
 * most telling attributes of a finding first.
 */
export const jaegerUi = (rules: ReadonlyArray<Rule>): string => {
  const items = [
    ...rules.map(({ name }) => ({
      label: name,
      url: searchUrl({ operation: spanName.finding(name) }),
    })),
    { label: "all errors", url: searchUrl({ tags: JSON.stringify({ error: "true" }) }) },
  ]
  const config = {
    useOpenTelemetryTerms: true,
    // Without this the sentence stands below all of the evidence: attributes are sorted by name. The evidence comes
    // last: it has the most rows, and the sentence has told most of it.
    topTagPrefixes: [FINDING_MESSAGE, "code.", FINDING_FIX, EVIDENCE_PREFIX],
    menu: [{ label: "Findings", items }],
    linkPatterns: [
      { type: "traces", url: `${page}/trace/${template("traceID")}`, text: "Show it in Scopeline" },
      ...linkToSpan,
      ...linkToTrace,
      {
        type: "tags",
        key: FINDING,
        url: `/search?service=${service}&lookback=1h&limit=20&operation=finding%20${template(FINDING)}`,
        text: "Search for more of it",
      },
    ],
  }
  return `${JSON.stringify(config, undefined, 2)}\n`
}
