/** The CPU time of this process so far, in milliseconds. */
export const cpuMillis = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** What the heap of this process holds once nothing in it is garbage, in bytes. */
export const heapBytes = async (): Promise<number> => {
  for (let turn = 0; turn < 4; turn++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 20)) // finalizers and weak references
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
