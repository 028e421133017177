import { Effect } from "effect"
import { Changes } from "./changes.ts"

/** A program or a command that a test has started. */
export interface Running {
  /** All that it has written so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** Both, in the order in which they came. */
  readonly output: () => string
  /** The first group of the pattern, once the output has it; fails if the program ends without. */
  readonly written: (pattern: RegExp) => Effect.Effect<string, Error>
  /** Its exit code, once it has ended; `null` where a signal ended it. */
  readonly ended: Effect.Effect<number | null>
  /** Asks it to stop, or to say what is open in it. */
  readonly signal: (signal: NodeJS.Signals) => void
}

export type Variables = Readonly<Record<string, string>>

/** The variables of this test, without what would configure the program. */
export const cleanVariables = (variables: Variables): NodeJS.ProcessEnv => {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(OTEL_|OPENCODE_|FIXED_SSE$|NO_COLOR$|FORCE_COLOR$)/.test(name),
  )
  return { ...Object.fromEntries(inherited), ...variables }
}

/** What something that runs has written. */
export class Writing {
  readonly #changes = new Changes()
  readonly #texts = { stdout: "", stderr: "", both: "" }
  #hasEnded = false

  add(name: "stdout" | "stderr", text: string): void {
    this.#texts[name] += text
    this.#texts.both += text
    this.#changes.tell()
  }

  end(): void {
    this.#hasEnded = true
    this.#changes.tell()
  }

  readonly shown: Pick<Running, "stdout" | "stderr" | "output" | "written"> = {
    stdout: () => this.#texts.stdout,
    stderr: () => this.#texts.stderr,
    output: () => this.#texts.both,
    written: (pattern) => this.#written(pattern),
  }

  #written(pattern: RegExp): Effect.Effect<string, Error> {
    const find = () => pattern.exec(this.#texts.both)
    return this.#changes
      .until(() => this.#hasEnded || find() !== null)
      .pipe(
        Effect.andThen(
          Effect.suspend(() => {
            const found = find()
            return found === null
              ? Effect.fail(new Error(`it ended: ${this.#texts.both}`))
              : Effect.succeed(found[1] ?? found[0])
          }),
        ),
      )
  }
}

/** The address of a server that runs here, once it listens. */
export const addressed = Effect.fnUntraced(function* <R extends Running>(server: R) {
  const port = Number(yield* server.written(/Listening on http:\S+:(\d+)/))
  return { ...server, port, address: `http://127.0.0.1:${port}` }
})
