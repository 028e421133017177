import { readFileSync } from "node:fs"
import * as Schema from "effect/Schema"

/** npm packs the manifest that stands here. */
export const checkoutManifest = "package.json"

/** The checkout's own manifest, while that of the package stands in its place. */
export const keptManifest = "dist/package.checkout.json"

/** What the compiled program reads its version from. */
export const compiledManifest = "dist/package.json"

const Json = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown))

export const readManifest = (path: string): Readonly<Record<string, unknown>> =>
  Schema.decodeUnknownSync(Json)(readFileSync(path, "utf8"))

export const asJson = (manifest: Readonly<Record<string, unknown>>): string =>
  `${JSON.stringify(manifest, null, 2)}\n`
