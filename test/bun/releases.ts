import { join } from "node:path"
import { platform, type Release } from "../released/release.ts"

const architecture = process.arch === "arm64" ? "aarch64" : process.arch

const bun = (version: string): Release => ({
  title: `Bun ${version}`,
  packageName: `@oven/bun-${platform.system}-${architecture}${platform.libc}`,
  version,
  file: join("bin", `bun${platform.executable}`),
})

/** The last release that does not say when the client of a response has left. */
export const unaware = bun("1.3.14")

/** A later one, which does. */
export const aware = bun("1.4.5")

export const bunReleases = [unaware, aware] as const
