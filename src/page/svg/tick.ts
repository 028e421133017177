import type { Tick } from "../../../otel/timeline/ticks.ts"

/** For the labels of an axis, in pixels. */
const characterWidth = 7

export const labelWidth = (label: string): number => label.length * characterWidth

/** A label at an end of the axis, which is `width` pixels wide, does not stand out over it. */
export const anchorOf = ({ label, position }: Tick, width: number): "start" | "middle" | "end" => {
  const half = labelWidth(label) / 2
  if (position < half) return "start"
  return position + half > width ? "end" : "middle"
}
