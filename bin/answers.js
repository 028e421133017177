import packageJson from "../package.json" with { type: "json" }
import { rootHelp } from "./root-help.js"

/**
 * What the root of the command line says of itself, before anything else is loaded. It is what
 * `effect/cli` prints for the same words, which a test holds.
 */
export const answerTo = (
  /** @type {ReadonlyArray<string>} */ words,
  /** @type {Readonly<Record<string, string | undefined>>} */ variables,
  /** @type {boolean | undefined} */ isTerminal,
) => {
  const [word, ...more] = words
  if (more.length > 0) return undefined
  const show = inColor(variables, isTerminal) ? colored : plain
  if (word === "--version" || word === "-v") return show(version)
  if (word === undefined || word === "--help" || word === "-h" || word === "help")
    return show(rootHelp)
  return undefined
}

const version = `\u001b[1mscopeline\u001b[0m \u001b[2mv\u001b[0m\u001b[1m${packageJson.version}\u001b[0m`

const colored = (/** @type {string} */ text) => `${text}\n`

const plain = (/** @type {string} */ text) => `${text.replaceAll(/\u001b\[\d+m/g, "")}\n`

const inColor = (
  /** @type {Readonly<Record<string, string | undefined>>} */ { NO_COLOR, FORCE_COLOR, TERM },
  /** @type {boolean | undefined} */ isTerminal,
) => {
  if (TERM === "dumb" || (NO_COLOR ?? "") !== "") return false
  const isForced = !["", "0", "false"].includes((FORCE_COLOR ?? "").toLowerCase())
  return isForced || isTerminal === true
}
