import type { Healthy } from "./healthy.ts"
import { leaving } from "./leaving.ts"
import { requests } from "./requests.ts"
import { sharing } from "./sharing.ts"
import { stoppingServers } from "./stopping.ts"
import { streaming } from "./streaming.ts"

/** What servers do all day. */
export const healthyPrograms: ReadonlyArray<Healthy> = [
  ...leaving,
  ...stoppingServers,
  ...streaming,
  ...requests,
  ...sharing,
]
