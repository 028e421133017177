import { createHash } from "node:crypto"
import { scriptOf } from "./browser-script.ts"
import { type Frozen, pack } from "./packed.ts"
import type { Snapshot } from "./snapshot.ts"
import { pageStyle } from "./style.ts"
import { documentMarkup, policyOf } from "./view/document.ts"
import { stateOf } from "./view/state.ts"

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js"

/** Made once, when the first page is asked for. */
let script: string | undefined

const parts = () => {
  script ??= scriptOf(new URL(`./browser/main.${extension}`, import.meta.url))
  return { style: pageStyle, script }
}

const hashOf = (text: string): string =>
  `'sha256-${createHash("sha256").update(text).digest("base64")}'`

/**
 * What a document of this page may do: nothing runs and nothing is styled but what this project wrote; `reach`
 * lists the sources that its script may ask. None are for a file.
 */
export const contentPolicy = (reach: ReadonlyArray<string> = []): string => {
  const { style, script } = parts()
  return policyOf({ style: hashOf(style), script: hashOf(script), reach })
}

/** The page that follows its server: it asks for `/data`, `/updates` and `/exchange/ID`. */
export const livePage = (snapshot: Snapshot): string =>
  documentMarkup({
    ...parts(),
    policy: contentPolicy(["'self'", ...originsOf(snapshot)]),
    state: stateOf(snapshot, "live"),
    packed: undefined,
  }).text

const originsOf = ({ streams = [] }: Snapshot): ReadonlyArray<string> =>
  streams.map(({ url }) => new URL(url).origin)

/** The page as one file that asks nothing of any network. */
export const frozenPage = async (frozen: Frozen): Promise<string> =>
  documentMarkup({
    ...parts(),
    policy: contentPolicy(),
    state: stateOf(frozen.snapshot, "frozen", frozen.details),
    packed: await pack(frozen),
  }).text
