import type { TestContext } from "vitest"

declare module "vitest" {
  interface TaskMeta {
    /** What a test of the load suite has measured, for people. */
    figure?: string
  }
}

/** Says what was measured. Call it before what may fail: a failed test has a figure, too. */
export const tellFigure = ({ task }: TestContext, figure: string): void => {
  task.meta.figure = figure
}

/** Seconds with one digit behind the point, of milliseconds. */
export const seconds = (millis: number): string => `${(millis / 1000).toFixed(1)} s`

export const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`

/** A whole number as people write it: 10,000. */
export const whole = (count: number): string => count.toLocaleString("en-US")
