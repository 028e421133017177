import { readFileSync } from "node:fs"
import { registerHooks, stripTypeScriptTypes } from "node:module"
import { fileURLToPath } from "node:url"

/** Preloaded by Node: lets it run the HTTP server of Effect's guide, changed in these few places. */

type Change = readonly [written: string, instead: string]

const telemetry = new URL("./telemetry.ts", import.meta.url).href

const watched: ReadonlyArray<Change> = [
  ["import {", `import { telemetryFromEnvironment } from "${telemetry}"; import {`],
  [
    "Layer.launch(HttpServerLayer)",
    "Layer.launch(Layer.provide(HttpServerLayer, telemetryFromEnvironment))",
  ],
]

const changes: Readonly<Record<string, ReadonlyArray<Change>>> = {
  "/51_http-server/10_basics.ts": [
    ["{ port: 3000 }", '{ host: "127.0.0.1", port: 0 }'],
    ...(process.env.WATCHED === "yes" ? watched : []),
  ],
  // As the guide does it in its own test.
  "/51_http-server/fixtures/server/Users/http.ts": [["[Users.layer,", "[Users.layerMemory,"]],
}

const change = (text: string, [written, instead]: Change): string => {
  if (!text.includes(written)) throw new Error(`the example has no ${written}`)
  return text.replace(written, () => instead)
}

const changed = (url: string): string => {
  const [, own = []] = Object.entries(changes).find(([path]) => url.endsWith(path)) ?? []
  return own.reduce(change, readFileSync(fileURLToPath(url), "utf8"))
}

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "@effect/sql-sqlite-node"
      ? next(new URL("./http-example-sqlite.ts", import.meta.url).href, context)
      : next(specifier, context),
  // Node itself strips no types below node_modules.
  load: (url, context, next) =>
    url.includes("/effect/ai-docs/")
      ? { format: "module", source: stripTypeScriptTypes(changed(url)), shortCircuit: true }
      : next(url, context),
})
