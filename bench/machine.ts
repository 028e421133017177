import { cpus, totalmem } from "node:os"

const cores = cpus()

/** The machine on which something was measured. */
export const machine = [
  `${cores.length} cores (${cores[0]?.model.trim() ?? "unknown"})`,
  `${(totalmem() / 2 ** 30).toFixed(0)} GiB of memory`,
  `${process.platform} ${process.arch}`,
  `Node.js ${process.version}`,
].join(", ")
