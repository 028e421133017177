import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { Markup, markup } from "../markup.ts"
import type { Environment, Report } from "../report.ts"
import { timelineStyle } from "../svg/timeline-style.ts"
import { findingGroup } from "./findings.ts"
import { reportMark } from "./report-mark.ts"
import { spanTable } from "./span-table.ts"
import { timelines } from "./timeline.ts"

/** A report as one file that asks nothing of any network. */
export const reportDocument = (report: Report): string =>
  markup`${new Markup(reportMark)}<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(pageStyle, script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${report.title} · Scopeline</title>
<style>${new Markup(pageStyle)}</style>
</head>
<body>
<header><p class="brand">Scopeline</p><h1>${report.title}</h1></header>
<main>
<section aria-label="Verdict" class="verdict ${report.outcome.kind}">
<p class="outcome"><strong>${outcomeSigns[report.outcome.kind]} ${report.outcome.text}</strong></p>
${[...report.verdict, ...(report.shown ?? [])].map((sentence) => markup`<p>${sentence}</p>`)}</section>
${timelinesOf(report)}
${report.findings.filter(({ findings }) => findings.length > 0).map(findingGroup)}
${notesOf(report.notes)}
${spanTable(report.spans)}
${environmentOf(report.environment)}
</main>
<script type="module">${new Markup(script)}</script>
</body>
</html>
`.text

const read = (name: string): string =>
  readFileSync(new URL(`./browser/${name}`, import.meta.url), "utf8")

/** How a page with timelines looks. */
export const pageStyle = timelineStyle + read("report.css")
/** What the keyboard does on it. */
export const keyboardScript = read("keyboard.js")
const script = keyboardScript + read("report.js")

const hashOf = (text: string): string =>
  `'sha256-${createHash("sha256").update(text).digest("base64")}'`

/** Nothing runs and nothing is styled but what this project wrote, and nothing is fetched or sent. */
const policyOf = (styles: string, scripts: string): string =>
  [
    "default-src 'none'",
    `style-src ${hashOf(styles)}`,
    `script-src ${hashOf(scripts)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ")

const outcomeSigns = { good: "✓", warning: "▲", error: "✕", unknown: "?" } as const

const timelinesOf = ({ timelines: groups }: Report): ReadonlyArray<Markup> =>
  groups
    .filter(({ panels }) => panels.length > 0)
    .map(
      ({ heading, panels, differences }, index) =>
        markup`<section><h2>${heading ?? "Timeline"}</h2>${timelines(panels, `t${index}`, differences)}</section>`,
    )

const notesOf = (notes: ReadonlyArray<string>): Markup | undefined =>
  notes.length === 0
    ? undefined
    : markup`<section><h2>Notes</h2><ul>${notes.map((note) => markup`<li>${note}</li>`)}</ul></section>`

const environmentOf = (environment: Environment): Markup =>
  markup`<section><h2>Environment</h2><dl class="evidence">${environment.map(
    ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl></section>`
