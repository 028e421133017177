import { warn } from "./warn.ts"

type Task = "record a lifetime" | "judge an exchange" | "export a lifetime"

/** Observation never changes the program: what it throws is printed once, and `otherwise` is returned instead. */
export const harmlessly = <A>(
  observe: () => A,
  otherwise: A,
  task: Task = "record a lifetime",
): A => {
  try {
    return observe()
  } catch (cause) {
    couldNot(task, cause)
    return otherwise
  }
}

/** For what runs so often that it catches by itself. */
export const couldNot = (task: Task, cause: unknown): void =>
  warn(`Scopeline could not ${task}; the program goes on.`, { cause })
