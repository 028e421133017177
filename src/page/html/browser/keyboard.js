/** What opens by pointing at it, or by its focus, has to close by a key. */
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return
  for (const open of document.querySelectorAll(".row:hover, .row:focus-within")) {
    open.classList.add("dismissed")
    const again = () => open.classList.remove("dismissed")
    open.addEventListener("pointerleave", again, { once: true })
    open.addEventListener("focusout", again, { once: true })
  }
})
