import { cpSync, mkdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"

/** What packing needs of a checkout. */
const needed = [
  "bin",
  "otel",
  "src",
  "packaging",
  "package.json",
  "tsconfig.json",
  "README.md",
  "LICENSE",
]

/** Copies a checkout to pack it there: packing changes the manifest, which others read meanwhile. */
export const copyToPack = (checkout: string, folder: string): void => {
  mkdirSync(folder, { recursive: true })
  for (const path of needed) cpSync(join(checkout, path), join(folder, path), { recursive: true })
  symlinkSync(join(checkout, "node_modules"), join(folder, "node_modules"), "dir")
}
