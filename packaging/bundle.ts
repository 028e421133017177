import { globSync, readFileSync, rmSync } from "node:fs"
import { isBuiltin } from "node:module"
import { dirname, join, relative, resolve } from "node:path"
import { type Plugin, rolldown } from "rolldown"

/** What is asked for by its path: by a manifest, by `bin/`, by `register`, or as a thread. */
const entries = [
  "otel/index.js",
  "otel/testing/index.js",
  "otel/register/attach.js",
  "otel/register/sender-thread.js",
  "src/main.js",
]

/** Scripts of pages: they are read as text, and not run. */
const scripts = "src/page/browser/*.js"

const resource = /"beside ([^"]+)"/g

/** A module finds the files beside it as before, wherever its code goes. */
const resources = (folder: string): Plugin => ({
  name: "resources",
  transform: (code, id) =>
    code.includes("import.meta.url")
      ? code.replaceAll("import.meta.url", `"beside ${relative(folder, id)}"`)
      : undefined,
  renderChunk: (code, { fileName }) =>
    code.replaceAll(
      resource,
      (_, path) =>
        `new URL(${JSON.stringify(relative(dirname(fileName), path))}, import.meta.url).href`,
    ),
})

const imported = /^(?:import|export)\b[^"]*"(\.[^"]+)"/gm

/** These modules, and all that they import by a path. */
const withImported = (modules: ReadonlyArray<string>): ReadonlySet<string> => {
  const known = new Set(modules)
  for (const module of known) {
    for (const [, path = ""] of readFileSync(module, "utf8").matchAll(imported)) {
      known.add(resolve(dirname(module), path))
    }
  }
  return known
}

/** A part that the library needs as well as the command stands with the library. */
const placeOf = ({ moduleIds }: { readonly moduleIds: ReadonlyArray<string> }, library: string) =>
  moduleIds.every((id) => id.startsWith(library)) ? "otel/[name]-[hash].js" : "src/[name]-[hash].js"

/**
 * Joins the compiled modules of a folder into few files: Node.js takes longer to find and to load a module than to
 * run it. `plain` modules stay as they are, because they run before the others, or without them. Fails if a module
 * needs what is neither there nor of these packages.
 */
export const bundle = async (
  to: string,
  plain: ReadonlyArray<string>,
  packages: ReadonlyArray<string>,
): Promise<void> => {
  const folder = resolve(to)
  const inFolder = (path: string) => join(folder, path)
  const compiled = globSync(inFolder("**/*.js"))
  const staying = new Set(plain.map(inFolder))
  const kept = new Set([...staying, ...withImported(globSync(inFolder(scripts)))])
  const joined = await rolldown({
    input: Object.fromEntries(entries.map((path) => [path.replace(/\.js$/, ""), inFolder(path)])),
    external: (id) =>
      staying.has(id) || isBuiltin(id) || packages.some((name) => `${id}/`.startsWith(`${name}/`)),
    platform: "node",
    onLog: (level, { message }) => {
      if (level === "warn") throw new Error(message)
    },
    plugins: [resources(folder)],
  })
  const { output } = await joined.write({
    dir: folder,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: (chunk) => placeOf(chunk, inFolder("otel/")),
  })
  for (const { fileName } of output) kept.add(inFolder(fileName))
  for (const file of compiled) if (!kept.has(file)) rmSync(file)
}
