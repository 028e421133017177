import { start } from "../child.ts"

/** Publishes over so many connections, and waits until every client has all. */
export type Spread = "warm up" | "over 8 connections" | "over 1 connection" | "one event"

/** A server that runs for the measurement, with the process of its clients. */
export interface Subject {
  /** Milliseconds of CPU time that the server takes. */
  readonly cpuOf: (spread: Spread) => Promise<number>
  /** Milliseconds until the last client has the event. */
  readonly millisOf: (spread: Spread) => Promise<number>
  readonly stop: () => Promise<void>
}

/** The servers of this folder. */
type ServerName = "better-sse" | "plain" | "scopeline"

export const startSubject = async (name: ServerName, clients: number): Promise<Subject> => {
  const server = await start(`fan-out/${name}-server.ts`)
  const port = await server.ask("port")
  const load = await start("fan-out/load.ts", {
    BENCH_PORT: String(port),
    BENCH_CLIENTS: String(clients),
  })
  return {
    cpuOf: async (spread) => {
      await server.ask("heap") // what was garbage before is not of this
      const before = await server.ask("cpu")
      await load.ask(spread)
      return (await server.ask("cpu")) - before
    },
    millisOf: load.ask,
    stop: async () => {
      await load.stop()
      await server.stop()
    },
  }
}
