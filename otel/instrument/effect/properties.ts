/* Effect keeps what we need in plain mutable properties, and reports no change of them. */

/** Whether a property can be replaced by one that reports changes: not if the program has frozen its owner. */
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

/** Whether a property can be wrapped, even if something else has wrapped it before. */
export const isWrappable = (target: object, key: PropertyKey): boolean => {
  try {
    const own = Object.getOwnPropertyDescriptor(target, key)
    return Object.isExtensible(target) && (own === undefined || own.configurable === true)
  } catch {
    return false
  }
}

/** Calls back after a property was assigned. The observer must not throw. */
export const onSet = <A extends object, K extends keyof A>(
  target: A,
  key: K,
  assigned: (value: A[K]) => void,
): void => {
  const before = Object.getOwnPropertyDescriptor(target, key)
  let value = target[key]
  Object.defineProperty(target, key, {
    configurable: true,
    enumerable: before?.enumerable ?? false,
    get: () => (before?.get === undefined ? value : before.get.call(target)),
    set: (next: A[K]) => {
      if (before?.set === undefined) value = next
      else before.set.call(target, next)
      assigned(next)
    },
  })
}

/** Calls back when an accessor that the object has from its class is read. The observer must not throw. */
export const onGet = <A extends object, K extends keyof A>(
  target: A,
  key: K,
  asked: () => void,
): void => {
  const before = Object.getOwnPropertyDescriptor(target, key)
  const inherited: object = Object.getPrototypeOf(target)
  Object.defineProperty(target, key, {
    configurable: true,
    get: () => {
      asked()
      if (before === undefined) return Reflect.get(inherited, key, target)
      return before.get === undefined ? before.value : before.get.call(target)
    },
  })
}

/**
 * Gives an object a function. V8 makes a function in the old generation if it is written where it is assigned to a
 * property. There it keeps all that it refers to until the next full collection.
 */
export const setFunction = <A extends object, K extends keyof A>(
  target: A,
  key: K,
  value: A[K],
): void => {
  target[key] = value
}

/**
 * A class that extends this defines its fields on the given object: many times as fast as
 * `Object.defineProperty`.
 */
export class Given {
  constructor(given: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the fields of what extends this are for what is returned here.
    return given
  }
}

/** Notes about objects of one kind. */
export interface Notes<K extends object, A> {
  readonly of: (noted: K) => A | undefined
  /** Call it once for an object. */
  readonly add: (noted: K, note: A) => void
}

/** Notes that are kept in the objects themselves: the entries of a WeakMap cost more to collect. */
export const makeNotes = <K extends object, A>(): Notes<K, A> => {
  class Noted extends Given {
    readonly #note: A

    constructor(noted: K, note: A) {
      super(noted)
      this.#note = note
    }

    static of(noted: K): A | undefined {
      return #note in noted ? noted.#note : undefined
    }
  }
  return {
    of: Noted.of,
    add: (noted, note) => {
      new Noted(noted, note)
    },
  }
}
