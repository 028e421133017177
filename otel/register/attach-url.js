import { existsSync } from "node:fs"

/** What observes the program: compiled in the package, as it was written in a checkout. */
export const attachUrl = () => {
  const compiled = new URL("./attach.js", import.meta.url)
  if (existsSync(compiled)) return compiled
  if (process.versions.bun === undefined && !process.features.typescript) {
    throw new Error(
      `in a checkout it needs Node.js 22.18 or newer, this is ${process.versions.node}`,
    )
  }
  return new URL("./attach.ts", import.meta.url)
}
