import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { text } from "node:stream/consumers"
import { folderOf, isInstalled, packageName, type Release, releases } from "./release.ts"

/** Installs the releases that are not there yet; tests of those that npm does not have are skipped. */
export default async function install(): Promise<void> {
  for (const release of releases) {
    if (!isInstalled(release)) await fetchRelease(release)
  }
}

const fetchRelease = async (release: Release): Promise<void> => {
  const folder = folderOf(release)
  const wanted = `${packageName}@${release}`
  console.info(`Installing ${wanted} into ${dirname(folder)} (150 MB), once.`)
  await mkdir(dirname(folder), { recursive: true })
  const staging = await mkdtemp(`${folder}-`)
  try {
    const problem = await npmInstall(staging, wanted)
    if (problem === undefined) {
      await moveTo(join(staging, "node_modules", packageName), release)
    } else if (/\bE(404|TARGET|BADPLATFORM)\b/.test(problem)) {
      console.info(`skipped: OpenCode ${release}, because npm has no ${wanted}`)
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
