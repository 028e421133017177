/** Markup comes from the page's own server alone, which has escaped what is in it. */

/** Makes `old` like `fresh` where it stands, so that what has the focus or is open stays so. @param {Element} old @param {Element} fresh */
const become = (old, fresh) => {
  const isOpen = old instanceof HTMLDetailsElement && old.open
  const isDismissed = old.classList.contains("dismissed")
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name)) old.removeAttribute(name)
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value)
  }
  if (isOpen) old.setAttribute("open", "")
  if (isDismissed) old.classList.add("dismissed")
  contain(old, fresh)
}

/** The same of what is in it. @param {Element} old @param {Element | DocumentFragment} fresh */
export const contain = (old, fresh) => {
  const nodes = [...fresh.childNodes]
  nodes.forEach((node, index) => {
    const known = old.childNodes[index]
    if (known === undefined) old.append(node)
    else if (known instanceof Element && node instanceof Element && isSame(known, node)) {
      become(known, node)
    } else if (!known.isEqualNode(node)) known.replaceWith(node)
  })
  while (old.childNodes.length > nodes.length) old.lastChild?.remove()
}

/** @param {Element} a @param {Element} b */
const isSame = (a, b) =>
  a.nodeName === b.nodeName &&
  a.getAttribute("data-span") === b.getAttribute("data-span") &&
  a.getAttribute("data-rule") === b.getAttribute("data-rule")

/** @param {string} html */
export const parsed = (html) => {
  const template = document.createElement("template")
  template.innerHTML = html
  return template.content
}
