/**
 * What register and the library tell each other. A property of the process: either may be loaded twice, from two
 * installations, or as an ES module and once more as CommonJS.
 *
 * @typedef {object} ProcessState
 * @property {number} attachments How often the library has begun to observe.
 */
const key = Symbol.for("scopeline/register")

/** @type {ProcessState | undefined} */
const known = Reflect.get(globalThis, key)

/** Whether nobody has registered in this process before. */
export const isFirst = known === undefined

/** @type {ProcessState} */
export const state = known ?? { attachments: 0 }

if (isFirst) Reflect.defineProperty(globalThis, key, { value: state })
