import type { CodeLocation } from "./spans/code.ts"

/** `subscribe, /app/event.ts:12`. */
export const placeText = ({ function: name, file, line }: CodeLocation): string => {
  if (file === undefined) return name
  return `${name}, ${file}${line === undefined ? "" : `:${line}`}`
}

/** ` (opened in subscribe, /app/event.ts:12)`, if the code that did it is known. */
export const doneIn = (done: string, code: CodeLocation | undefined): string =>
  code === undefined ? "" : ` (${done} ${placeText(code)})`
