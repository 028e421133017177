import { formatMillis, type Micros, millisBetween } from "../../../otel/lifetimes/time.ts"

/** The time of day where the reader is: `14:03:59`, or `14:03:59.1`. */
export const timeOfDay = (time: Micros, tenths = false): string => {
  const date = new Date(time / 1000)
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()]
  const text = parts.map((part) => String(part).padStart(2, "0")).join(":")
  return tenths ? `${text}.${Math.floor(date.getMilliseconds() / 100)}` : text
}

/** The day and the time where the reader is: `2026-11-30 14:03`. */
export const dayAndTime = (time: Micros): string => {
  const date = new Date(time / 1000)
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()]
  return `${day.map((part) => String(part).padStart(2, "0")).join("-")} ${timeOfDay(time).slice(0, 5)}`
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** How long something has been so: `3 s`, `2 min 3 s`, `1 h 2 min`. */
const ageText = (millis: number): string => {
  const age = Math.max(0, millis)
  if (age < minute) return `${Math.floor(age / second)} s`
  const [large, small, unit, name, part] =
    age < hour ? [minute, second, "min", "s", 60] : [hour, minute, "h", "min", 60]
  const rest = Math.floor(age / small) % part
  return rest === 0
    ? `${Math.floor(age / large)} ${unit}`
    : `${Math.floor(age / large)} ${unit} ${rest} ${name}`
}

export const ageAt = (now: Micros, since: Micros): string => ageText(millisBetween(since, now))

/** `just now`, `3 s ago`. */
export const agoText = (now: Micros, at: Micros): string =>
  now - at < 1_000_000 ? "just now" : `${ageAt(now, at)} ago`

/** `3.00 ms`, `3.00–9.00 ms`, `0.90 ms – 2.10 s`. */
export const rangeText = (times: ReadonlyArray<number>): string => {
  const [least = "", most = ""] = [Math.min(...times), Math.max(...times)].map(formatMillis)
  if (least === most) return least
  const [number = "", unit = ""] = least.split(" ")
  return most.endsWith(` ${unit}`) ? `${number}–${most}` : `${least} – ${most}`
}

/** `1,204` */
export const grouped = (count: number): string => count.toLocaleString("en")
