import * as module from "node:module"
import { fileURLToPath, pathToFileURL } from "node:url"
import { isModuleNamespaceObject } from "node:util/types"
import { attachUrl } from "./attach-url.js"
import { canSee, isInSeenCopy, manifestOfSeen } from "./effect-copy.js"
import { neededModules } from "./needed-modules.js"
import { state } from "./process-state.js"
import { perhapsBundled, sayFailed, sayIfUnseen } from "./unseen.js"

/** @typedef {import("node:module").ResolveHookSync} ResolveHook */
/** @typedef {import("node:module").ResolveHookContext} ResolveHookContext */
/** @typedef {import("node:module").ResolveFnOutput} Resolved */

/** The folder of the library. */
const library = new URL("../", import.meta.url).href

/** Loads the library into the program when that asks for Effect, and before any module of it runs that does. */
export const observeInNode = () => {
  // Asked for, because an import by name would end a Node.js that does not have it.
  const { registerHooks } = module
  if (registerHooks === undefined) {
    sayIfUnseen(`it needs Node.js 22.15 or newer, and this is ${process.versions.node}.`)
    return
  }
  registerHooks({ resolve })
  sayIfUnseen(perhapsBundled)
}

/** Whether the library's own imports of Effect are looked up. */
let isLocating = false

/** Whether the library cannot be loaded into this program. */
let hasFailed = false

/** @type {ResolveHook} */
const resolve = (specifier, context, next) => {
  const { parentURL } = context
  if (isLocating || parentURL === undefined) return next(specifier, context)
  if (parentURL.startsWith(library)) return next(inProgram(specifier, context), context)
  const resolved = next(specifier, context)
  if (hasFailed || !isEffect(specifier, resolved.url) || isWithinEffect(parentURL)) return resolved
  try {
    return askedForEffect(resolved, context)
  } catch (cause) {
    hasFailed = true
    sayFailed(cause)
    return resolved
  }
}

const effectPackage = /^effect(?:\/|$)/
const effectFolder = "/node_modules/effect/"

/**
 * @param {string} specifier
 * @param {string} url
 */
const isEffect = (specifier, url) => effectPackage.test(specifier) || url.includes(effectFolder)

/** @param {string} url */
const isWithinEffect = (url) =>
  url.startsWith("data:") || url.includes(effectFolder) || isInSeenCopy(url)

/**
 * The library's imports of Effect lead to the program's copy.
 *
 * @param {string} specifier
 * @param {ResolveHookContext} context
 */
const inProgram = (specifier, context) => {
  const manifest = manifestOfSeen()
  if (manifest === undefined || !effectPackage.test(specifier)) return specifier
  const file = locate(specifier, manifest)
  return isRequire(context) ? file : pathToFileURL(file).href
}

/**
 * @param {string} specifier
 * @param {string} from
 */
const locate = (specifier, from) => {
  isLocating = true
  try {
    return module.createRequire(from).resolve(specifier)
  } finally {
    isLocating = false
  }
}

/**
 * Node.js 22.15 gives the conditions of CommonJS as a Set.
 *
 * @param {ResolveHookContext} context
 */
const isRequire = ({ conditions }) => [...conditions].includes("require")

/**
 * A module of the program asks for Effect.
 *
 * @param {Resolved} resolved
 * @param {ResolveHookContext} context
 * @returns {Resolved}
 */
const askedForEffect = (resolved, context) => {
  if (context.importAttributes?.type !== undefined) return resolved // its package.json
  const isAttached = isRequire(context) ? hasRequired : hasImported()
  if (isAttached && isInSeenCopy(resolved.url)) return resolved
  if (isQuestion() || !canSee(resolved.url)) return resolved
  if (!isRequire(context)) return withLibrary(resolved.url)
  requireLibrary()
  return resolved
}

/** Whether somebody only wants to know where Effect is. */
const isQuestion = () => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 30
  const { stack = "" } = new Error()
  Error.stackTraceLimit = limit
  return /initialize_import_meta|require\.resolve/.test(stack)
}

/** @type {number | undefined} */
let attachmentsBefore
let isImported = false

const hasImported = () => {
  isImported ||= attachmentsBefore !== undefined && state.attachments > attachmentsBefore
  return isImported
}

/**
 * The same module, and the library behind it: both are evaluated before the module that asks.
 *
 * @param {string} url
 */
const withLibrary = (url) => {
  if (attachmentsBefore === undefined) {
    for (const needed of neededModules) locate(needed, fileURLToPath(url))
  }
  attachmentsBefore ??= state.attachments
  const source = `export * from ${JSON.stringify(url)}\nimport ${JSON.stringify(attachUrl().href)}`
  return {
    url: `data:text/javascript,${encodeURIComponent(source)}`,
    format: "module",
    shortCircuit: true,
  }
}

let hasRequired = false

/** Where a loader makes CommonJS of ES modules, Effect has instances of its own: the library must be among them. */
const requireLibrary = () => {
  hasRequired = true
  const library = module.createRequire(import.meta.url)(fileURLToPath(attachUrl()))
  isImported ||= isModuleNamespaceObject(library)
}
