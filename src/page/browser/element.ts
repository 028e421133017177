export const byId = (id: string): HTMLElement => {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`there is no ${id}`)
  return element
}

/** The element with this selector around the target of an event. */
export const closest = (target: EventTarget | null, selector: string): HTMLElement | undefined => {
  const found = target instanceof Element ? target.closest(selector) : null
  return found instanceof HTMLElement ? found : undefined
}

export const inputOf = (id: string): HTMLInputElement | undefined => {
  const element = document.getElementById(id)
  return element instanceof HTMLInputElement ? element : undefined
}

/** Announces something to readers who cannot see it. */
export const announce = (text: string): void => {
  byId("news").textContent = text
}
