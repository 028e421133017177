import type { Variables } from "../support/running.ts"

/** What makes Node.js see the lifetimes of a program, from this checkout. */
export const registerUrl = new URL("../../otel/register.js", import.meta.url).href

export const underRegister: Variables = { NODE_OPTIONS: `--import=${registerUrl}` }
