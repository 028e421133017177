/** How many bytes a store of spans keeps by default. */
export const defaultMemory = 256 * 1024 * 1024
