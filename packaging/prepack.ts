/** Before `npm pack`: compiles and joins everything into `dist/`, and puts the manifest and README of the package in place. */
import { execFileSync } from "node:child_process"
import { copyFileSync, globSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { bundle } from "./bundle.ts"
import {
  asJson,
  checkoutManifest,
  checkoutReadme,
  compiledManifest,
  keptManifest,
  keptReadme,
  packageReadme,
  putBack,
  readManifest,
} from "./files.ts"
import { packagesOf, publishedManifest } from "./manifest.ts"

const compiler = "node_modules/typescript/bin/tsc"

putBack() // what a pack that failed has left
rmSync("dist", { recursive: true, force: true })
execFileSync(process.execPath, [compiler, "--project", "packaging"], { stdio: "inherit" })
for (const style of globSync("src/**/*.css")) {
  mkdirSync(dirname(`dist/${style}`), { recursive: true })
  copyFileSync(style, `dist/${style}`)
}

const checkout = readManifest(checkoutManifest)
writeFileSync(compiledManifest, asJson({ type: checkout.type, version: checkout.version }))
await bundle("dist", globSync("{bin,otel}/**/*.js"), packagesOf(checkout))
copyFileSync(checkoutManifest, keptManifest)
writeFileSync(checkoutManifest, asJson(publishedManifest(checkout, process.env.GITHUB_REPOSITORY)))
copyFileSync(checkoutReadme, keptReadme)
copyFileSync(packageReadme, checkoutReadme)
