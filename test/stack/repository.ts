import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

export const repository = fileURLToPath(new URL("../../", import.meta.url))

export const fileText = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")
