import { Schema } from "effect"
import { fileText } from "./repository.ts"

export interface Instruction {
  readonly name: string
  readonly rest: string
}

export const instructions: ReadonlyArray<Instruction> = fileText("Dockerfile")
  .replace(/^#.*\n/gm, "")
  .replace(/\\\n\s*/g, "")
  .split("\n")
  .filter((line) => line.trim() !== "")
  .map((line) => {
    const [name = "", ...rest] = line.split(" ")
    return { name, rest: rest.join(" ") }
  })

export const named = (name: string): ReadonlyArray<string> =>
  instructions.filter((instruction) => instruction.name === name).map(({ rest }) => rest)

const Words = Schema.fromJsonString(Schema.Array(Schema.String))

/** The words of an instruction in exec form; the shell form is no JSON, and fails. */
export const words = (instruction: string): ReadonlyArray<string> =>
  Schema.decodeUnknownSync(Words)(instruction)

export const entrypoint = words(named("ENTRYPOINT").at(-1) ?? "")
export const command = words(named("CMD").at(-1) ?? "")
export const healthCheck = words(/CMD (.*)$/.exec(named("HEALTHCHECK").at(-1) ?? "")?.[1] ?? "")

/** Paths that are copied out of the checkout. */
export const copied: ReadonlyArray<string> = named("COPY")
  .filter((rest) => !rest.startsWith("--from="))
  .flatMap((rest) => rest.split(" ").slice(0, -1))
