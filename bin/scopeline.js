#!/usr/bin/env node
import "./require-node.js"

const { runProcess } = await import("../src/main.ts")
await runProcess()
