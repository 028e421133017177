/** How many exchanges of a scenario show its rule: one, but for what takes several. */
export const exchangesThatShow = (rule: string): number => (rule === "scope-pile-up" ? 4 : 1)
