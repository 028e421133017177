/**
 * What register and the library tell each other. A property of the process: either may be loaded twice, from two
 * installations, or as an ES module and once more as CommonJS.
 *
 * @typedef {object} ProcessState
 * @property {number} attachments How often the library has begun to observe.
 * @property {Array<() => void>} endings What is done when the process ends.
 */
const key = Symbol.for("scopeline/register")

/** @type {ProcessState | undefined} */
const known = Reflect.get(globalThis, key)

/** Whether nobody has registered in this process before. */
export const isFirst = known === undefined

/** @type {ProcessState} */
export const state = known ?? { attachments: 0, endings: [] }

if (isFirst) {
  Reflect.defineProperty(globalThis, key, { value: state })
  // One listener for all of them: Node.js warns at the eleventh, and the program has its own.
  process.once("exit", () => {
    for (const end of state.endings) end()
  })
}
