// Draws the picture of the README from a run of the broken and the fixed server.
import { mkdirSync, writeFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { layerEmbedded } from "../src/collector/receiver.ts"
import { variantsPanels } from "../src/commands/compare/variants-panels.ts"
import { compareVariants } from "../src/comparison/comparison.ts"
import { picture } from "../src/page/svg/picture.ts"

const folder = "docs/pictures"

const compared = await compareVariants(["broken", "fixed"]).pipe(
  Effect.provide([layerEmbedded, FetchHttpClient.layer]),
  Effect.runPromise,
)
mkdirSync(folder, { recursive: true })
writeFileSync(`${folder}/broken-and-fixed.svg`, picture(variantsPanels(compared)))
