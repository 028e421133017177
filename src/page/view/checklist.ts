import { type Markup, markup } from "../markup.ts"
import type { Snapshot, Step } from "../snapshot.ts"

/** What an empty page waits for, and what leads there. */
export const checklist = ({ steps, otlp }: Snapshot): Markup =>
  markup`<h2 id="steps-name">Waiting for the first exchange</h2>
<ol class="steps">${steps.map(stepLine)}</ol>
${otlp === undefined ? undefined : settings(otlp)}`

const stepLine = ({ text, done, hint }: Step): Markup =>
  markup`<li class="${done ? "done" : "open"}"><b aria-hidden="true">${done ? "✓" : "○"}</b> ${text}<span class="unseen">${
    done ? " (done)" : " (not yet)"
  }</span>${hint === undefined || done ? undefined : markup`<p class="hint">${hint}</p>`}</li>`

const settings = (otlp: string): Markup => {
  const lines = [
    `OTEL_EXPORTER_OTLP_ENDPOINT=${otlp}`,
    "OTEL_EXPORTER_OTLP_PROTOCOL=http/json",
    "SCOPELINE_WATCH=1",
    "NODE_OPTIONS=--import=scopeline/register",
  ]
  return markup`<h3>Start a program like this</h3>
${copied("scopeline watch -- node app.js")}
<h3>or set these variables for it</h3>
${copied(lines.join("\n"))}`
}

const copied = (text: string): Markup =>
  markup`<div class="copied"><pre tabindex="0"><code>${text.split("\n").map((line) => markup`${line}\n`)}</code></pre><button type="button" data-does="copy-text">Copy</button></div>`
