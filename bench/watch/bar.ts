import { type Figure, told } from "../figure.ts"

/** Tells what was measured beside what it may be at most. */
export const toldMost = (title: string, value: number, most: number, unit = ""): Figure => {
  const space = unit === "" || unit === "%" ? "" : " "
  const shown = (number: number) =>
    `${Number(number.toPrecision(3)).toLocaleString("en")}${space}${unit}`
  return told(title, shown(value), shown(most), value <= most)
}

/** The same of what is to be without exception. */
export const toldNone = (title: string, exceptions: ReadonlyArray<string>): Figure =>
  told(title, exceptions.length === 0 ? "yes" : exceptions.join("; "), "", exceptions.length === 0)
