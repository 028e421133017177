import { byId } from "./element.ts"

/** Copies a text, and says what was copied. */
export const copyText = async (text: string, said: string): Promise<void> => {
  try {
    await navigator.clipboard.writeText(text)
    say(said)
  } catch {
    say(copiedByHand(text) ? said : "The browser did not allow this page to copy.")
  }
}

/** If the clipboard is not allowed, copying from a selected field may be. */
const copiedByHand = (text: string): boolean => {
  const field = document.createElement("textarea")
  field.value = text
  field.className = "unseen"
  document.body.append(field)
  const before = document.activeElement
  field.select()
  const copied = document.execCommand("copy")
  field.remove()
  if (before instanceof HTMLElement) before.focus()
  return copied
}

let clearing: ReturnType<typeof setTimeout> | undefined

/** Shows what was done, for a while. */
export const say = (text: string): void => {
  const said = byId("said")
  said.textContent = text
  clearTimeout(clearing)
  clearing = setTimeout(() => {
    said.textContent = ""
  }, 6_000)
}
