import { currentFiber, currentFiberOf3 } from "../instrument/effect/fiber-keys.js"
import { state } from "./process-state.js"

const said = new Set()

/**
 * Prints once on stderr what cannot be seen, and why.
 *
 * @param {string} line
 */
export const say = (line) => {
  if (said.has(line)) return
  said.add(line)
  console.error(`Scopeline ${line} The program runs on.`)
}

/** @param {unknown} cause */
export const sayFailed = (cause) => {
  const [reason] = (cause instanceof Error ? cause.message : String(cause)).split("\n", 1)
  say(`sees nothing of this program, because it could not be loaded: ${reason}.`)
}

/** A program has started by then, and runs its Effects. */
const startMillis = 1000

/**
 * Says so if unobserved fibers run, and nothing else has said why: when the program has started, or when it
 * ends.
 *
 * @param {string} why
 */
export const sayIfUnseen = (why) => {
  const look = () => {
    if (said.size > 0) return
    if (state.attachments > 0) {
      if (currentFiberOf3 in globalThis)
        say("sees nothing of what runs on Effect 3: it needs effect 4.0.6 or a later 4.")
    } else if (currentFiber in globalThis || currentFiberOf3 in globalThis) {
      say(`sees nothing of this program: ${why}`)
    }
  }
  setTimeout(look, startMillis).unref()
  state.endings.push(look)
}

export const perhapsBundled =
  "none of its modules imports effect. If a copy of effect is bundled into it, run it unbundled, or make effect external."
