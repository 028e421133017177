import { readFileSync } from "node:fs"
import { keyboardScript, pageStyle } from "../html/document.ts"

interface StaticFile {
  readonly path: `/${string}`
  readonly type: string
  readonly text: string
}

const read = (name: string): string =>
  readFileSync(new URL(`./browser/${name}`, import.meta.url), "utf8")

const scripts = ["live.js", "column.js", "element.js", "redraw.js"] as const

/** What the page loads; it looks and is used like the report. */
export const staticFiles: ReadonlyArray<StaticFile> = [
  { path: "/live.css", type: "text/css", text: pageStyle + read("live.css") },
  { path: "/keyboard.js", type: "text/javascript", text: keyboardScript },
  ...scripts.map(
    (name) => ({ path: `/${name}`, type: "text/javascript", text: read(name) }) as const,
  ),
]
