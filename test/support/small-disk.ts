import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"

const folder = () => mkdtempSync(join(tmpdir(), "small-disk-"))

const mount = (at: string, kilobytes: number): void => {
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", at], {
    stdio: "ignore",
  })
}

const unmount = (at: string): void => {
  execFileSync("umount", [at], { stdio: "ignore" })
}

/** Whether a test may make a file system of its own. */
export const canMount = (() => {
  const at = folder()
  try {
    mount(at, 64)
    unmount(at)
    return true
  } catch {
    console.info("skipped: full disks, because none can be made here")
    return false
  } finally {
    rmSync(at, { recursive: true })
  }
})()

/** A folder on a disk of its own with so much room, until the scope closes. */
export const smallDisk = (kilobytes: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const at = folder()
      mount(at, kilobytes)
      return at
    }),
    (at) =>
      Effect.sync(() => {
        unmount(at)
        rmSync(at, { recursive: true })
      }),
  )
