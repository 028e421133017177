/** The event streams of the server, by name. */
export const variantNames = ["broken", "actual", "literal", "fixed"] as const

export type VariantName = (typeof variantNames)[number]
