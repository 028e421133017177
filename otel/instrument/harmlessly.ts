let told = false

/** Observation never changes the program: what it throws is said once and otherwise ignored. */
export const harmlessly = <A>(observe: () => A, otherwise: A): A => {
  try {
    return observe()
  } catch (cause) {
    if (!told) console.error("Scopeline could not record a lifetime; the program goes on.", cause)
    told = true
    return otherwise
  }
}
