import { join } from "node:path"
import { platform, type Release } from "../released/release.ts"

const openCode = (version: string): Release => ({
  title: `OpenCode ${version}`,
  packageName: `opencode-${platform.system}-${process.arch}${platform.libc}`,
  version,
  file: join("bin", `opencode${platform.executable}`),
})

/** The last release before the bug. */
export const beforeTheBug = openCode("1.14.41")

/** The last one with it. */
export const withTheBug = openCode("1.14.48")

/** One that no longer notices who left. */
export const afterTheBug = openCode("1.15.3")

/** One that sends server spans, and still does not notice who left. */
export const withServerSpans = openCode("1.18.34")

export const openCodeReleases = [beforeTheBug, withTheBug, afterTheBug, withServerSpans] as const
