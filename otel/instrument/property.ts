/**
 * Tells when a property is assigned, after it was. Effect keeps what this project has to know in plain
 * mutable properties, and tells nobody when they change. The observer must not throw.
 */
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
