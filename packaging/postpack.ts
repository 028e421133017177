/** After `npm pack`: puts the manifest of the checkout back. */
import { renameSync } from "node:fs"
import { checkoutManifest, keptManifest } from "./files.ts"

renameSync(keptManifest, checkoutManifest)
