import { existsSync, readFileSync, renameSync } from "node:fs"
import * as Schema from "effect/Schema"

/** npm packs the manifest that stands here. */
export const checkoutManifest = "package.json"

/** npm packs the README that stands here. */
export const checkoutReadme = "README.md"

/** The README of the package. The package has no pages and no examples: it may not link to them. */
export const packageReadme = "packaging/README.md"

/** The checkout's own files, while those of the package stand in their places. */
export const keptManifest = "dist/package.checkout.json"
export const keptReadme = "dist/README.checkout.md"

/** What the compiled program reads its version from. */
export const compiledManifest = "dist/package.json"

const Json = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown))

export const readManifest = (path: string): Readonly<Record<string, unknown>> =>
  Schema.decodeUnknownSync(Json)(readFileSync(path, "utf8"))

export const asJson = (manifest: Readonly<Record<string, unknown>>): string =>
  `${JSON.stringify(manifest, null, 2)}\n`

/** Puts the files of the checkout back, where a pack has kept them. */
export const putBack = (): void => {
  if (existsSync(keptManifest)) renameSync(keptManifest, checkoutManifest)
  if (existsSync(keptReadme)) renameSync(keptReadme, checkoutReadme)
}
