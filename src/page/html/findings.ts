import { counted, times } from "../../../otel/lifetimes/counted.ts"
import type { Finding } from "../../../otel/lifetimes/finding.ts"
import { shownEvidence } from "../../../otel/timeline/code-text.ts"
import { valueText } from "../../../otel/timeline/finding-lines.ts"
import { blocksOf } from "../../../otel/timeline/suggestion.ts"
import { type Markup, markup } from "../markup.ts"
import { type FindingGroup, mostFindings, type ReportedFinding } from "../report.ts"

export const findingGroup = ({ heading, findings, state }: FindingGroup): Markup => {
  const more = findings.length - mostFindings
  return markup`<section aria-label="${heading}"><h2>${heading}</h2>
${findings.slice(0, mostFindings).map((one) => (state === undefined ? findingArticle(one) : quietArticle(one, state)))}
${more > 0 ? inShort(findings.slice(mostFindings)) : undefined}</section>`
}

/** Those that nobody reads at length: none is left out. */
const inShort = (findings: ReadonlyArray<ReportedFinding>): Markup =>
  markup`<details><summary>${counted(findings.length, "more finding")}, in short</summary><ul>${findings.map(
    ({ finding: { rule, severity, count, route, operation } }) =>
      markup`<li>${rule} · ${severity} · ${times(count)} · ${[route, operation].filter((part) => part !== "").join(" · ")}</li>`,
  )}</ul></details>`

const findingArticle = ({ finding, note }: ReportedFinding): Markup => {
  const { rule, severity, confidence, count, service, route, operation, message } = finding
  const place = [route, operation, service].filter((part) => part !== "").join(" · ")
  return markup`<article class="finding ${severity}">
<h3>${rule} <small>${severity} · ${confidence} · ${times(count)}</small></h3>
<p class="muted">${place}</p>
<p>${message}</p>
${note === undefined ? undefined : markup`<p>${note}</p>`}
${evidenceOf(finding)}
<h4>What to change</h4>
${suggestionOf(finding)}
${examplesOf(finding)}
</article>
`
}

const stateSigns = { gone: "✓", known: "○" } as const

/** There is nothing to change. */
const quietArticle = (
  { finding, note }: ReportedFinding,
  state: NonNullable<FindingGroup["state"]>,
): Markup => {
  const { rule, count, service, route, operation, message } = finding
  const place = [route, operation, service].filter((part) => part !== "").join(" · ")
  return markup`<article class="finding quiet">
<h3>${stateSigns[state]} ${rule} <small>${state} · found ${times(count)}</small></h3>
<p class="muted">${place}</p>
<p class="muted">${message}</p>
${note === undefined ? undefined : markup`<p>${note}</p>`}
</article>
`
}

const evidenceOf = (finding: Finding): Markup | undefined => {
  const entries = Object.entries(shownEvidence(finding))
  if (entries.length === 0) return undefined
  return markup`<h4>Evidence</h4>
<dl class="evidence">${entries.map(
    ([key, value]) => markup`<div><dt>${key}</dt><dd>${valueText(value)}</dd></div>`,
  )}</dl>`
}

/** Neighbouring lines of code are one block. */
export const suggestionOf = ({ suggestion }: Finding): ReadonlyArray<Markup> => {
  const parts: Array<{ readonly code: boolean; readonly lines: Array<string> }> = []
  for (const { code, text } of blocksOf(suggestion)) {
    const last = parts.at(-1)
    if (last?.code === true && (code || text === "")) last.lines.push(text)
    else if (text !== "") parts.push({ code, lines: [text] })
  }
  return parts.map(({ code, lines }) =>
    code ? codeBlock(lines) : markup`<p>${lines.join(" ")}</p>\n`,
  )
}

const codeBlock = (lines: ReadonlyArray<string>): Markup => {
  const text = lines.map((line) => markup`${line}\n`)
  return markup`<pre tabindex="0"><code>${text}</code></pre>\n`
}

const examplesOf = ({ examples }: Finding): Markup =>
  markup`<details><summary>Where to look</summary><ul>${examples.map(
    ({ traceId, spanIds }) =>
      markup`<li>trace <code>${traceId}</code>, spans ${spanIds.map(
        (id) => markup`<button type="button" class="link" data-span="${id}">${id}</button> `,
      )}</li>`,
  )}</ul></details>`
