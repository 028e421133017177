import { createHash } from "node:crypto"
import { gzipSync } from "node:zlib"
import { scriptOf } from "./browser-script.ts"
import type { Freezable } from "./frozen.ts"
import { frozenDocument } from "./frozen-document.ts"
import { shareable } from "./shareable.ts"
import type { Snapshot } from "./snapshot.ts"
import { pageStyle } from "./style.ts"
import { documentMarkup, type PageParts, policyOf } from "./view/document.ts"
import { stateOf } from "./view/state.ts"

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js"

const scriptFrom = (entry: string): string =>
  scriptOf(new URL(`./browser/${entry}.${extension}`, import.meta.url))

const hashOf = (text: string): string =>
  `'sha256-${createHash("sha256").update(text).digest("base64")}'`

interface Made extends PageParts {
  readonly hashes: { readonly style: string; readonly scripts: ReadonlyArray<string> }
}

let made: Made | undefined

/** Made once, when the first page is asked for. */
const parts = (): Made => {
  if (made !== undefined) return made
  const [loader, script] = [scriptFrom("loader"), scriptFrom("main")]
  made = {
    style: pageStyle,
    loader,
    script: gzipSync(script, { level: 9 }).toString("base64"),
    hashes: { style: hashOf(pageStyle), scripts: [hashOf(loader), hashOf(script)] },
  }
  return made
}

/**
 * What a document of this page may do: only this project's own scripts and styles apply; `reach` lists the
 * sources that its script may ask, none for a file.
 */
export const contentPolicy = (reach: ReadonlyArray<string> = []): string =>
  policyOf({ ...parts().hashes, reach })

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

/** The page as one file that uses no network, to be shown to others. */
export const frozenPage = (page: Freezable): Promise<string> =>
  frozenDocument(shareable(page), { ...parts(), policy: contentPolicy() })
