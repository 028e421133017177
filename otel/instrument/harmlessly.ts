import { warn } from "./warn.ts"

type Task = "record a lifetime" | "judge an exchange" | "export a lifetime"

/** Observation never changes the program: an error is printed once, and `otherwise` is returned. */
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

/** For code that runs so often that it catches errors itself. */
export const couldNot = (task: Task, cause: unknown): void =>
  warn(`Scopeline could not ${task}; the program goes on.`, { cause })
