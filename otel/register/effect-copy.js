import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { say } from "./unseen.js"

/**
 * One copy of Effect, as it is installed.
 *
 * @typedef {object} EffectCopy
 * @property {string} root Its folder, as a URL that ends with a slash.
 * @property {string} version
 */

/**
 * The program's copy: the first that it asks for, of those that can be seen.
 *
 * @type {EffectCopy | undefined}
 */
let seen

/**
 * Whether a module belongs to the copy that is seen.
 *
 * @param {string} url
 */
export const isInSeenCopy = (url) => seen !== undefined && url.startsWith(seen.root)

/**
 * Whether a module of Effect belongs to the copy that is seen from now on. Says why, where it does not.
 *
 * @param {string} url
 */
export const canSee = (url) => {
  if (isInSeenCopy(url)) return true
  const copy = copyOf(url)
  if (copy === undefined) return false
  if (!isSupported(copy)) {
    say(`sees nothing of what runs on ${inWords(copy)}: it needs effect 4.0.6 or a later 4.`)
    return false
  }
  if (seen !== undefined) {
    say(
      `sees what runs on ${inWords(seen)}, and nothing of what runs on a second copy, ${inWords(copy)}.`,
    )
    return false
  }
  seen = copy
  return true
}

/** A file of the copy that is seen, from which all of it is found. */
export const manifestOfSeen = () => seen && fileURLToPath(new URL("package.json", seen.root))

/** @param {EffectCopy} copy */
const inWords = ({ root, version }) => `effect ${version} (${fileURLToPath(root)})`

/**
 * @param {string} url
 * @returns {EffectCopy | undefined}
 */
const copyOf = (url) => {
  let folder = url.startsWith("file:") ? new URL("./", url) : undefined
  while (folder !== undefined) {
    const { name, version } = manifestIn(folder)
    if (name === "effect") return { root: folder.href, version: String(version) }
    const above = new URL("../", folder)
    folder = name !== undefined || above.href === folder.href ? undefined : above
  }
  return undefined
}

/** @param {URL} folder */
const manifestIn = (folder) => {
  try {
    return JSON.parse(readFileSync(new URL("package.json", folder), "utf8"))
  } catch {
    return {}
  }
}

/**
 * As the peer dependency of the package has it.
 *
 * @param {EffectCopy} copy
 */
const isSupported = ({ version }) => {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/, 3).map(Number)
  return major === 4 && (minor > 0 || patch >= 6)
}
