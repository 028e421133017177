import { existsSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"

/** The last release before the bug, the last one with it, and one that no longer notices who left. */
export const releases = ["1.14.41", "1.14.48", "1.15.3"] as const

export type Release = (typeof releases)[number]

const isWindows = process.platform === "win32"

/** Only glibc has a version to tell. */
const isMusl = (): boolean => {
  const report: unknown = process.report.getReport()
  if (typeof report !== "object" || report === null || !("header" in report)) return false
  const { header } = report
  return typeof header === "object" && header !== null && !("glibcVersionRuntime" in header)
}

const libc = process.platform === "linux" && isMusl() ? "-musl" : ""

/** The package that holds OpenCode's program for this platform, if npm has one. */
export const packageName = `opencode-${isWindows ? "windows" : process.platform}-${process.arch}${libc}`

const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache")

/** What was installed once is used again. */
export const folderOf = (release: Release): string =>
  join(cache, "scopeline", "opencode", release, packageName)

export const programOf = (release: Release): string =>
  join(folderOf(release), "bin", isWindows ? "opencode.exe" : "opencode")

export const isInstalled = (release: Release): boolean => existsSync(programOf(release))
