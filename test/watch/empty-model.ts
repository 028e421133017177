import { WatchModel } from "../../src/watch/model.ts"
import { Runs } from "../../src/watch/runs.ts"

/** One second, in microseconds: the grace period, too. */
export const second = 1_000_000

/** A model of programs that run on this machine; nothing has come of any. */
export const emptyModel = () => {
  const runs = new Runs({ isRunning: () => true, host: "here" })
  const options = { runs, grace: second, streamRoutes: [], knownReason: () => undefined }
  return { runs, model: new WatchModel(options) }
}
