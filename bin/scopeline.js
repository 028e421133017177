#!/usr/bin/env node
import "./require-node.js"

const { answerTo } = await import("./answers.js")
const answer = answerTo(process.argv.slice(2), process.env, process.stdout.isTTY)
if (answer === undefined) {
  const { enableCompileCache } = await import("node:module")
  enableCompileCache()
  const { runProcess } = await import("../src/main.ts")
  await runProcess()
} else {
  process.stdout.on("error", ({ code, message }) => {
    if (code === "EPIPE" || code === "EOF") return // its reader went away
    process.exitCode = 1
    console.error(`The output could not be written: ${message}`)
  })
  process.stdout.write(answer)
}
