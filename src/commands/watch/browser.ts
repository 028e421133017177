import { spawn } from "node:child_process"
import * as Effect from "effect/Effect"

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...Array<string>]>>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
}

/** Opens an address in the browser of this machine. Without a browser nothing happens. */
export const openInBrowser = (address: string): Effect.Effect<void> =>
  Effect.sync(() => {
    const [file, ...words] = openers[process.platform] ?? ["xdg-open"]
    const child = spawn(file, [...words, address], { stdio: "ignore", detached: true })
    child.once("error", () => {})
    child.unref()
  })
