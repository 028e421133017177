import { unnamed } from "../attributes.ts"

/** `scope "session"`, or `an unnamed scope`: what a sentence calls it. */
export const quoted = (kind: keyof typeof unnamed, name: string): string =>
  name === unnamed[kind] ? `an ${name}` : `${kind} "${name}"`
