import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { copyToPack } from "../../packaging/copy.ts"
import { runningProgram } from "../support/process.ts"

const checkout = fileURLToPath(new URL("../../", import.meta.url))

/** Runs npm, or what npm has installed, in a folder; fails with all that it wrote. */
export const inFolder = Effect.fnUntraced(function* (
  folder: string,
  command: string,
  ...words: ReadonlyArray<string>
) {
  const running = yield* runningProgram(command, words, {}, folder)
  if ((yield* running.ended) !== 0) {
    return yield* Effect.fail(new Error(`${command} ${words.join(" ")}:\n${running.output()}`))
  }
  return running.stdout()
})

/** Packs a copy of the checkout into the folder; gives the packed file. */
export const pack = Effect.fnUntraced(function* (folder: string) {
  const copy = join(folder, "checkout")
  yield* Effect.sync(() => copyToPack(checkout, copy))
  yield* inFolder(copy, "npm", "pack", "--pack-destination", folder)
  const files = yield* Effect.promise(() => readdir(folder))
  return join(folder, files.find((file) => file.endsWith(".tgz")) ?? "")
})
