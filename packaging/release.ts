/** Before a release: prints what is new in the version of the tag. */
import { readFileSync } from "node:fs"
import { changesOf } from "./changes.ts"
import { checkoutManifest, readManifest } from "./files.ts"

const [tag = ""] = process.argv.slice(2)
const { version } = readManifest(checkoutManifest)
console.log(changesOf(tag, String(version), readFileSync("CHANGELOG.md", "utf8")))
