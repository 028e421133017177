/** What a store of spans keeps where nothing else is said, in bytes. */
export const defaultMemory = 256 * 1024 * 1024
