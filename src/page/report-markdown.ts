import { type Finding, groupKey } from "../../otel/lifetimes/finding.ts"
import type { JudgedExchange } from "../../otel/lifetimes/judge-trace.ts"
import { layoutOf } from "../../otel/timeline/layout.ts"
import { exchangeIdOf } from "./exchange-row.ts"
import { kindIdOf, kindOfFinding } from "./finding-kind.ts"
import type { FindingGroup, Report } from "./report.ts"
import type { ExchangeDetail } from "./snapshot.ts"
import { type MarkdownGroup, markdownDocument } from "./view/markdown-document.ts"

/** A report as Markdown. A finding is drawn if its exchange is among these. */
export const reportMarkdown = (
  { title, outcome, verdict, findings, notes, environment }: Report,
  exchanges: ReadonlyArray<JudgedExchange>,
  directory: string,
): string => {
  const examples = Map.groupBy(
    exchanges.flatMap((judged) => judged.matches.map((match) => ({ match, judged }))),
    ({ match }) => groupKey(match),
  )
  /** Preferably the exchange that the sentence is about: each of two recordings may have one. */
  const exampleOf = (finding: Finding): JudgedExchange | undefined => {
    const all = examples.get(groupKey(finding)) ?? []
    return (all.find(({ match }) => match.message === finding.message) ?? all[0])?.judged
  }
  return markdownDocument({
    title,
    verdict: [outcome.text, ...verdict],
    groups: findings.map((group) => groupOf(group, exampleOf)),
    notes,
    environment,
    directory,
  })
}

const groupOf = (
  { heading, findings, state }: FindingGroup,
  exampleOf: (finding: Finding) => JudgedExchange | undefined,
): MarkdownGroup => ({
  heading,
  isOpen: state !== "gone" && state !== "known",
  findings: findings.map(({ finding, note }) => {
    const example = exampleOf(finding)
    const ids = example === undefined ? [] : [exchangeIdOf(example.exchange.span)]
    return {
      kind: kindOfFinding(finding, ids, example?.exchange.startedAt ?? 0),
      detail: example === undefined ? undefined : detailOf(example),
      note,
    }
  }),
})

const detailOf = ({ exchange, matches }: JudgedExchange): ExchangeDetail => ({
  id: exchangeIdOf(exchange.span),
  layout: layoutOf(exchange, matches),
  kinds: matches.map(kindIdOf),
  spans: [],
})
