import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { type Process, runningProgram } from "../support/process.ts"
import type { Variables } from "../support/running.ts"

/** What makes Node.js see the lifetimes of a program, from this checkout. */
export const registerUrl = new URL("../../otel/register.js", import.meta.url).href

export const underRegister: Variables = { NODE_OPTIONS: `--import=${registerUrl}` }

/** What a program has written when it has ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export const ended = (running: Process): Effect.Effect<Ended> =>
  Effect.map(running.ended, (code) => ({
    code,
    signal: running.child.signalCode,
    stdout: running.stdout(),
    stderr: running.stderr(),
  }))

/** Runs a program of Node.js to its end. */
export const run = (words: ReadonlyArray<string>, variables: Variables = {}, cwd?: string) =>
  Effect.scoped(Effect.flatMap(runningProgram(process.execPath, words, variables, cwd), ended))

/** The lines that begin with the name of this project. */
export const saidIn = ({ stderr }: Ended): ReadonlyArray<string> =>
  stderr.split("\n").filter((line) => line.startsWith("Scopeline "))

/** The findings that were told, as `rule · route`. */
export const findingsIn = ({ stderr }: Ended): ReadonlyArray<string> =>
  [...stderr.matchAll(/^(\S+) · (?:error|warning) · [^\n]*\n {2}([^·\n]*) ·/gm)].map(
    ([, rule, route]) => `${rule} · ${route}`,
  )

const effect = fileURLToPath(new URL("../../node_modules/effect/", import.meta.url))

type Files = Readonly<Record<string, string>>

/** A folder with these files, as long as the scope is open. */
export const project = (files: Files) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const folder = await mkdtemp(join(tmpdir(), "scopeline-register-"))
      await write(folder, files)
      return folder
    }),
    (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true })),
  )

const write = async (folder: string, files: Files) => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

export const writeFiles = (folder: string, files: Files) =>
  Effect.promise(() => write(folder, files))

export const remove = (path: string) => Effect.promise(() => rm(path))

/** A copy of Effect in a folder, without what only a compiler reads. */
export const copyEffect = (to: string) =>
  Effect.promise(() =>
    cp(effect, to, {
      recursive: true,
      filter: (path) => !/\.(?:d\.ts|map)$|[\\/](?:src|ai-docs)$/.test(path),
    }),
  )

export const link = (target: string, path: string) =>
  Effect.promise(async () => {
    await mkdir(dirname(path), { recursive: true })
    await symlink(target, path, "junction")
  })
