import { choiceOf } from "../view/choice.ts"
import { actionOf } from "../view/key-table.ts"
import type { Actions } from "./actions.ts"
import { closest } from "./element.ts"
import type { Session } from "./session.ts"

/** A field handles its keys itself, and a button those that press it. */
const takesKeys = "input:not([type=checkbox]), textarea, select, [contenteditable]"
const pressedByKey = "a[href], button, summary, input"

/** Connects what the reader presses, clicks and types with what it does. */
export const listenToReader = (session: Session, actions: Actions): void => {
  document.addEventListener("keydown", (event) => {
    const { key, target } = event
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (closest(target, takesKeys) !== undefined) {
      if (key === "Escape" && target instanceof HTMLElement) target.blur()
      return
    }
    if ((key === "Enter" || key === " ") && closest(target, pressedByKey) !== undefined) return
    if (closest(target, "dialog") !== undefined && key !== "?") return
    if (!session.state.keyboard && key !== "Escape" && key !== "?") return
    const action = actionOf(key)
    if (action === undefined) return
    event.preventDefault()
    actions[action]()
  })
  document.addEventListener("click", (event) => {
    const control = closest(event.target, "[data-does], a[href^='#/x/']")
    if (control === undefined) return
    if (control instanceof HTMLAnchorElement) {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
      event.preventDefault()
      const { exchange } = choiceOf(control.hash)
      actions.show(exchange)
      return
    }
    const does = control.dataset.does
    if (does === "fold") actions["fold-at"](control)
    else if (isAction(actions, does)) actions[does](control)
  })
  document.addEventListener("input", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return
    if (target.id === "search") session.choose({ query: target.value })
    if (target.id === "within") session.change({ within: target.value })
  })
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLSelectElement)) return
    const { value } = target
    if (target.dataset.choice === "run")
      session.choose({ run: value === "" ? undefined : Number(value) })
    if (target.dataset.choice === "route")
      session.choose({ route: value === "" ? undefined : value })
  })
}

const isAction = (
  actions: Actions,
  name: string | undefined,
): name is Exclude<keyof Actions, "show"> =>
  name !== undefined && name !== "show" && Object.hasOwn(actions, name)
