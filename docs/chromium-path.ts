import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const onPath = (name: string): ReadonlyArray<string> =>
  (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name))

/** The Chromium of this machine: the one in `CHROMIUM_PATH`, or else the first on the path. */
export const chromiumPath: string | undefined =
  process.env.CHROMIUM_PATH ??
  ["chromium", "chromium-browser", "google-chrome"].flatMap(onPath).find(isProgram)

/** Chromium refuses to keep its sandbox for root. */
export const chromiumArgs: Array<string> = process.getuid?.() === 0 ? ["--no-sandbox"] : []
