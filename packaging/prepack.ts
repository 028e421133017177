/** Before `npm pack`: compiles everything into `dist/`, and puts the manifest of the package in place. */
import { execFileSync } from "node:child_process"
import { copyFileSync, existsSync, globSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { asJson, checkoutManifest, compiledManifest, keptManifest, readManifest } from "./files.ts"
import { publishedManifest } from "./manifest.ts"

const compiler = "node_modules/typescript/bin/tsc"

if (existsSync(keptManifest)) renameSync(keptManifest, checkoutManifest) // of a pack that failed
rmSync("dist", { recursive: true, force: true })
execFileSync(process.execPath, [compiler, "--project", "packaging"], { stdio: "inherit" })
for (const style of globSync("src/**/*.css")) copyFileSync(style, `dist/${style}`)

const checkout = readManifest(checkoutManifest)
writeFileSync(compiledManifest, asJson({ type: checkout.type, version: checkout.version }))
copyFileSync(checkoutManifest, keptManifest)
writeFileSync(checkoutManifest, asJson(publishedManifest(checkout)))
