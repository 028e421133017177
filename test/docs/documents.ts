import { globSync, readFileSync } from "node:fs"

/** What people read of this project, as paths from its root. */
export const documents: ReadonlyArray<string> = globSync([
  "*.md",
  "docs/**/*.md",
  "examples/**/*.md",
  "packaging/*.md",
]).map((path) => path.replaceAll("\\", "/"))

export const documentText = (path: string): string => readFileSync(path, "utf8")

const fences = /^ *```.*?^ *```$/gms
const inlineCode = /`[^`\n]+`/g

/** Without its blocks of code. */
export const prose = (text: string): string => text.replace(fences, "")

/** What stands in code: each line of a block, and each piece of code in the prose. */
export const codeLines = (text: string): ReadonlyArray<string> => [
  ...(text.match(fences) ?? []).flatMap((block) => block.split("\n").slice(1, -1)),
  ...(prose(text).match(inlineCode) ?? []).map((code) => code.slice(1, -1)),
]
