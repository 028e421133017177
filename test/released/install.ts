import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { text } from "node:stream/consumers"
import { bunReleases } from "../bun/releases.ts"
import { openCodeReleases } from "../opencode/releases.ts"
import { folderOf, isInstalled, type Release } from "./release.ts"

/** Installs the releases that are not there yet; tests of those that npm does not have are skipped. */
export default async function install(): Promise<void> {
  for (const release of [...openCodeReleases, ...bunReleases]) {
    if (!isInstalled(release)) await fetchRelease(release)
  }
}

const fetchRelease = async (release: Release): Promise<void> => {
  const { title, packageName, version } = release
  const folder = folderOf(release)
  const wanted = `${packageName}@${version}`
  console.info(`Installing ${wanted} into ${folder} (about 100 MB), once.`)
  await mkdir(dirname(folder), { recursive: true })
  const staging = await mkdtemp(`${folder}-`)
  try {
    const problem = await npmInstall(staging, wanted)
    if (problem === undefined) {
      await moveTo(join(staging, "node_modules", packageName), release)
    } else if (/\bE(404|TARGET|BADPLATFORM)\b/.test(problem)) {
      console.info(`skipped: the tests of ${title}, because npm has no ${wanted}`)
    } else {
      throw new Error(`npm could not install ${wanted}:\n${problem}`)
    }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

/** Whole or not at all; whoever installs at the same time may be first. */
const moveTo = async (installed: string, release: Release): Promise<void> => {
  try {
    await rename(installed, folderOf(release))
  } catch (error) {
    if (!isInstalled(release)) throw error
  }
}

/** Gives what npm said, where it failed. */
const npmInstall = async (folder: string, wanted: string): Promise<string | undefined> => {
  const words = ["install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts"]
  const npm = process.env.npm_execpath
  const [command, script] = npm === undefined ? ["npm", []] : [process.execPath, [npm]]
  const child = spawn(command, [...script, ...words, wanted], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  })
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, "close")])
  return code === 0 ? undefined : said
}
