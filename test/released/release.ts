import { existsSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"

/** One version of a program that npm holds ready to run, in a package for each platform. */
export interface Release {
  /** As people call it. */
  readonly title: string
  readonly packageName: string
  readonly version: string
  /** Where the program is in its package. */
  readonly file: string
}

const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache")

/** What was installed once is used again. */
export const folderOf = ({ packageName, version }: Release): string =>
  join(cache, "scopeline", packageName, version)

export const programOf = (release: Release): string => join(folderOf(release), release.file)

export const isInstalled = (release: Release): boolean => existsSync(programOf(release))

const isWindows = process.platform === "win32"

/** Only glibc has a version to tell. */
const isMusl = (): boolean => {
  const report: unknown = process.report.getReport()
  if (typeof report !== "object" || report === null || !("header" in report)) return false
  const { header } = report
  return typeof header === "object" && header !== null && !("glibcVersionRuntime" in header)
}

/** How packages for this machine end. */
export const platform = {
  system: isWindows ? "windows" : process.platform,
  libc: process.platform === "linux" && isMusl() ? "-musl" : "",
  executable: isWindows ? ".exe" : "",
} as const
