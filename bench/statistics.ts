export const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** The median of what each measurement is to the one beside it, as far as there is one. */
export const medianRatio = (values: ReadonlyArray<number>, beside: ReadonlyArray<number>): number =>
  median(
    values.slice(0, beside.length).map((value, index) => value / (beside[index] ?? Number.NaN)),
  )

/** The value that so many in a hundred are not above. */
export const percentile = (values: ReadonlyArray<number>, percent: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil((values.length * percent) / 100) - 1] ?? Number.NaN
