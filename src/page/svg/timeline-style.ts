import { readFileSync } from "node:fs"

/** How timelines look, wherever they are drawn as SVG. */
export const timelineStyle = readFileSync(new URL("./timeline.css", import.meta.url), "utf8")
