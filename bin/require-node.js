// Plain JavaScript without imports, so that it runs, and explains itself, on any Node.
// `npm run` puts node_modules/.bin first on PATH: where the optional package that bundles a newer
// Node could be installed, that one is already running this file.
var parts = process.versions.node.split(".").map(Number)
if (parts[0] < 22 || (parts[0] === 22 && parts[1] < 19)) {
  console.error(
    "Scopeline needs Node.js 22.19 or newer (this is " +
      process.versions.node +
      "): install it from https://nodejs.org, then run `npm ci` again.",
  )
  process.exit(2)
}
