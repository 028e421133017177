import { readFileSync } from "node:fs"
import { timelineStyle } from "./svg/timeline-style.ts"

/** One file for each region of the page. A later one wins over an earlier one. */
const files = [
  "base",
  "layout",
  "bar",
  "streams",
  "checklist",
  "verdict",
  "findings",
  "held",
  "exchanges",
  "detail",
  "timeline",
  "keys",
  "print",
]

/** How the page looks. */
export const pageStyle =
  timelineStyle +
  files
    .map((name) => readFileSync(new URL(`./style/${name}.css`, import.meta.url), "utf8"))
    .join("")
