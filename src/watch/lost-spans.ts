import type { Instance } from "./runs.ts"

/** How many spans the programs have lost, as they tell themselves. */
export class LostSpans {
  readonly #byProgram = new Map<Instance, number>()
  #byEnded = 0

  told(program: Instance, lost: number): void {
    this.#byProgram.set(program, lost)
  }

  ended(program: Instance): void {
    this.#byEnded += this.#byProgram.get(program) ?? 0
    this.#byProgram.delete(program)
  }

  get count(): number {
    let count = this.#byEnded
    for (const lost of this.#byProgram.values()) count += lost
    return count
  }
}
