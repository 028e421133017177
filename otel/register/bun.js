import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { fileURLToPath, pathToFileURL } from "node:url"
import { attachUrl } from "./attach-url.js"
import { canSee, manifestOfSeen } from "./effect-copy.js"
import { perhapsBundled, sayFailed, sayIfUnseen } from "./unseen.js"

/**
 * What of Bun is used here.
 *
 * @typedef {object} BunRuntime
 * @property {(plugin: { name: string, setup: (build: PluginBuilder) => void }) => void} plugin
 * @property {(specifier: string, folder: string) => string} resolveSync
 *
 * @typedef {object} PluginBuilder
 * @property {(files: { filter: RegExp }, load: (file: { path: string }) => Loaded) => void} onLoad
 *
 * @typedef {{ contents: string, loader: "js" | "ts" }} Loaded
 */

/**
 * Loads the library with the first file of Effect that the program loads, because Bun has no hook for resolving
 * modules.
 */
export const observeInBun = () => {
  /** @type {BunRuntime} */
  const bun = Reflect.get(globalThis, "Bun")
  bun.plugin({
    name: "scopeline",
    setup: (build) => {
      build.onLoad({ filter: /[\\/]node_modules[\\/]effect[\\/].*\.js$/ }, ({ path }) => {
        beforeEffect(path)
        return { contents: readFileSync(path, "utf8"), loader: "js" }
      })
      build.onLoad({ filter: within(library) }, ({ path }) => ({
        contents: withProgramsEffect(bun, readFileSync(path, "utf8")),
        loader: path.endsWith(".ts") ? "ts" : "js",
      }))
    },
  })
  sayIfUnseen(perhapsBundled)
}

let hasRequired = false

/** @param {string} path The file of Effect that is about to be loaded. */
const beforeEffect = (path) => {
  if (!canSee(pathToFileURL(path).href) || hasRequired) return
  hasRequired = true
  try {
    createRequire(import.meta.url)(fileURLToPath(attachUrl()))
  } catch (cause) {
    sayFailed(cause)
  }
}

const library = fileURLToPath(new URL("../", import.meta.url))

/** @param {string} folder */
const within = (folder) =>
  new RegExp(`^${folder.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")}.*\\.[jt]s$`)

const imports = /\b(from|import)(\s*)"(effect(?:\/[^"]*)?)"/g

/**
 * The library's imports of Effect lead to the program's copy.
 *
 * @param {BunRuntime} bun
 * @param {string} source
 */
const withProgramsEffect = (bun, source) => {
  const manifest = manifestOfSeen()
  if (manifest === undefined) return source
  return source.replace(
    imports,
    (_, keyword, space, specifier) =>
      `${keyword}${space}${JSON.stringify(bun.resolveSync(specifier, manifest))}`,
  )
}
