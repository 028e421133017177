import { constants } from "node:os"
import { openTable } from "../export/open-table.ts"
import { writeToStderr } from "../export/stderr.ts"
import { harmlessly } from "../instrument/harmlessly.ts"
import type { OpenNow } from "../instrument/lifetimes.ts"
import { warn } from "../instrument/warn.ts"

const variable = "SCOPELINE_OPEN_SIGNAL"

/** Prints what is open on stderr whenever the process gets the signal that the environment names, if any. */
export const printOpenOnSignal = (look: () => OpenNow): void => {
  const named = process.env[variable]
  if (named === undefined || named === "") return
  if (!isSignal(named)) {
    warn(`${variable}=${JSON.stringify(named)} is not a signal of this system: set it to SIGUSR2.`)
    return
  }
  process.on(named, () => harmlessly(() => writeToStderr(openTable(look())), undefined))
}

const isSignal = (name: string): name is NodeJS.Signals => Object.hasOwn(constants.signals, name)
