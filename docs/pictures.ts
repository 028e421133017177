// Makes the pictures of the README: timelines of the broken and the fixed server, and the page of `watch`.
import { mkdirSync, writeFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { layerEmbedded } from "../src/collector/receiver.ts"
import { variantsPanels } from "../src/commands/compare/variants-panels.ts"
import { compareVariants } from "../src/comparison/comparison.ts"
import { picture } from "../src/page/svg/picture.ts"
import { pagePicture } from "./page-picture.ts"

const folder = "docs/pictures"

const compared = await compareVariants(["broken", "fixed"]).pipe(
  Effect.provide([layerEmbedded, FetchHttpClient.layer]),
  Effect.runPromise,
)
mkdirSync(folder, { recursive: true })
writeFileSync(`${folder}/broken-and-fixed.svg`, picture(variantsPanels(compared)))
writeFileSync(`${folder}/watch.png`, await pagePicture())
