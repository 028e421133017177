// Plain JavaScript, so that it runs, and explains itself, on any Node.
// `npm run` puts node_modules/.bin first on PATH: where the optional package that bundles a newer
// Node could be installed, that one is already running this file.
// biome-ignore lint/style/useNodejsImportProtocol: an old Node does not know the protocol.
import { existsSync } from "fs"

var parts = process.versions.node.split(".").map(Number)
if (parts[0] < 22 || (parts[0] === 22 && parts[1] < 19)) {
  console.error(
    "Scopeline needs Node.js 22.19 or newer (this is " +
      process.versions.node +
      "): " +
      (existsSync(new URL("../node_modules/.bin/node", import.meta.url))
        ? "the project has one of its own, which `npm run -s scopeline -- ...` uses, and `npx node`."
        : "install it from https://nodejs.org, and then the packages again."),
  )
  process.exit(2)
}
