import type { Markup } from "../markup.ts"

/** Makes `old` like `fresh` in place, so that focus and open parts stay. */
const become = (old: Element, fresh: Element): void => {
  const wasOpen = old instanceof HTMLDetailsElement ? old.open : undefined
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name)) old.removeAttribute(name)
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value)
  }
  if (old instanceof HTMLDetailsElement && wasOpen !== undefined) old.open = wasOpen
  contain(old, fresh)
}

/** The same for its children. A child with a key is moved, not made anew. */
const contain = (old: Element, fresh: Element | DocumentFragment): void => {
  const keyed = new Map<string, Element>()
  for (const child of old.children) {
    const key = child.getAttribute("data-key")
    if (key !== null) keyed.set(key, child)
  }
  let at: ChildNode | null = old.firstChild
  for (const node of [...fresh.childNodes]) {
    const known = matchOf(node, at, keyed)
    if (known === undefined) {
      old.insertBefore(node, at)
      continue
    }
    if (known === at) at = at.nextSibling
    else old.insertBefore(known, at)
    if (known instanceof Element && node instanceof Element) become(known, node)
    else if (known.nodeValue !== node.nodeValue) known.nodeValue = node.nodeValue
  }
  while (at !== null) {
    const next: ChildNode | null = at.nextSibling
    at.remove()
    at = next
  }
}

/** The existing child that matches the wanted one. */
const matchOf = (
  node: ChildNode,
  at: ChildNode | null,
  keyed: Map<string, Element>,
): ChildNode | undefined => {
  const key = node instanceof Element ? node.getAttribute("data-key") : null
  if (key !== null) {
    const known = keyed.get(key)
    // Two may have the same key: the second is made anew.
    keyed.delete(key)
    return known?.nodeName === node.nodeName ? known : undefined
  }
  if (at === null || at.nodeName !== node.nodeName) return undefined
  return at instanceof Element && at.hasAttribute("data-key") ? undefined : at
}

/** Markup of this page, in which everything from outside is escaped. */
export const parsed = (html: string): DocumentFragment => {
  const template = document.createElement("template")
  template.innerHTML = html
  return template.content
}

const shown = new WeakMap<Element, string>()

/** Shows the markup in an element. Without markup the element is hidden. */
export const show = (element: HTMLElement, content: Markup | undefined): void => {
  element.hidden = content === undefined
  const html = content?.text ?? ""
  if (shown.get(element) === html) return
  shown.set(element, html)
  contain(element, parsed(html))
}
