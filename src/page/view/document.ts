import { Markup, markup } from "../markup.ts"
import { reportMark } from "../report-mark.ts"
import { pageBody } from "./page.ts"
import type { PageState } from "./state.ts"
import { titleText } from "./status-bar.ts"

/** What is the same in every document. */
export interface PageParts {
  readonly style: string
  /** Unpacks the script of the page and runs it. */
  readonly loader: string
  /** As `pack` gives it. */
  readonly script: string
}

export interface PageDocument extends PageParts {
  readonly policy: string
  readonly state: PageState
  /** What a file holds, as `pack` gives it. */
  readonly packed: string | undefined
}

/** No text of a template: a bundler would write that template anew. */
const scriptEnd = new Markup("</script>")

/** The whole document. An open page also writes it, when it saves itself. */
export const documentMarkup = ({
  style,
  loader,
  script,
  policy,
  state,
  packed,
}: PageDocument): Markup =>
  markup`${new Markup(packed === undefined ? "<!doctype html>\n" : reportMark)}<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${titleText(state)}</title>
<style>${new Markup(style)}</style>
</head>
<body data-mode="${state.mode}">
<div id="page">${pageBody(state)}</div>
${
  packed === undefined
    ? undefined
    : markup`<noscript><p class="muted">Searching, and exchanges that are not drawn here, need JavaScript.</p></noscript>
<script type="application/octet-stream" id="packed">${new Markup(packed)}${scriptEnd}
`
}<script type="application/octet-stream" id="script">${new Markup(script)}${scriptEnd}
<script type="module">${new Markup(loader)}${scriptEnd}
</body>
</html>
`

interface Policy {
  /** The hashes of the allowed scripts and styles, for the policy. */
  readonly style: string
  readonly scripts: ReadonlyArray<string>
  /** What the script may ask. */
  readonly reach: ReadonlyArray<string>
}

export const policyOf = ({ style, scripts, reach }: Policy): string =>
  [
    "default-src 'none'",
    `style-src ${style}`,
    `script-src ${scripts.join(" ")}`,
    "img-src data:",
    ...(reach.length === 0 ? [] : [`connect-src ${reach.join(" ")}`]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ")
