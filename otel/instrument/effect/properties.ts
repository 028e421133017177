/*
 * Effect keeps what this project has to know in plain mutable properties, and tells nobody when they change.
 */

/** Whether a property can be replaced by what tells of it: not where the program has frozen its owner. */
export const isReplaceable = (target: object, key: PropertyKey): boolean => {
  try {
    const own = Object.getOwnPropertyDescriptor(target, key)
    return own === undefined
      ? Object.isExtensible(target)
      : own.configurable === true && own.writable === true && Object.isExtensible(target)
  } catch {
    return false
  }
}

/** Tells when a property is assigned, after it was. The observer must not throw. */
export const onSet = <A extends object, K extends keyof A>(
  target: A,
  key: K,
  assigned: (value: A[K]) => void,
): void => {
  let value = target[key]
  Object.defineProperty(target, key, {
    configurable: true,
    enumerable: true,
    get: () => value,
    set: (next: A[K]) => {
      value = next
      assigned(next)
    },
  })
}
