import * as Version from "effect/Version"
import { withoutSecrets } from "../../otel/export/address.ts"
import packageJson from "../../package.json" with { type: "json" }
import type { Environment } from "./report.ts"

/** What made a report: versions, machine and command line, without what URLs may keep secret. */
export const environmentOf = (
  { version, platform, arch }: Pick<NodeJS.Process, "version" | "platform" | "arch">,
  words: ReadonlyArray<string>,
): Environment => [
  ["scopeline", packageJson.version],
  ["effect", Version.getCurrentVersion()],
  ["node", version],
  ["platform", `${platform} ${arch}`],
  ["command", ["scopeline", ...words.map(shown)].join(" ")],
  ["written", new Date().toISOString()],
]

const shown = (word: string): string =>
  /^https?:/.test(word) && URL.canParse(word) ? withoutSecrets(word) : word
