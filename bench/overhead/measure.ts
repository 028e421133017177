import { type Child, start } from "../child.ts"
import { comeAndGo, connectAll, leaveAll } from "./client.ts"
import { requestAll } from "./requests.ts"
import { type TracingName, variablesOf } from "./tracing.ts"
import {
  connects,
  connectsAtOnce,
  exportMillis,
  idleStreams,
  publishes,
  readers,
  requests,
  warmUpConnects,
  warmUpDeliveries,
} from "./workload.ts"

/** What a server is measured for. */
export interface Cost {
  /** Microseconds of CPU time for each event that a client received. */
  readonly delivery: number
  /** Microseconds of CPU time for each client that came and left. */
  readonly connection: number
  /** Microseconds of CPU time for each ordinary request that registers a finalizer and opens scopes. */
  readonly request: number
  /** Bytes of heap for each stream that waits. */
  readonly idle: number
}

/** A server that runs for the measurement. */
export interface Subject {
  readonly name: TracingName
  readonly measure: (kind: keyof Cost) => Promise<number>
  readonly stop: () => Promise<void>
}

const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

export const startSubject = async (name: TracingName, collector: string): Promise<Subject> => {
  const server = await start("overhead/server.ts", variablesOf(name, collector))
  const port = await server.ask("port")
  await comeAndGo(port, warmUpConnects, connectsAtOnce)
  await requestAll(port, requests, connectsAtOnce, "/leased/ses_1")
  for (let done = 0; done < warmUpDeliveries; done++) await delivery(server, port)
  return {
    name,
    stop: server.stop,
    measure: (kind) => measures[kind](server, port),
  }
}

const idle = async (server: Child, port: number): Promise<number> => {
  const before = await server.ask("heap")
  const clients = await connectAll(port, idleStreams)
  const after = await server.ask("heap")
  await leaveAll(clients)
  await pause(exportMillis)
  return (after - before) / idleStreams
}

/** With the export of what the clients left behind. */
const connection = async (server: Child, port: number): Promise<number> => {
  await server.ask("heap") // what was garbage before is not of this
  const before = await server.ask("cpu")
  await comeAndGo(port, connects, connectsAtOnce)
  await pause(exportMillis)
  return (((await server.ask("cpu")) - before) * 1000) / connects
}

const request = async (server: Child, port: number): Promise<number> => {
  await server.ask("heap") // what was garbage before is not of this
  const before = await server.ask("cpu")
  await requestAll(port, requests, connectsAtOnce, "/leased/ses_1")
  await pause(exportMillis)
  return (((await server.ask("cpu")) - before) * 1000) / requests
}

const delivery = async (server: Child, port: number): Promise<number> => {
  const clients = await connectAll(port, readers)
  await server.ask("heap") // what was garbage before is not of this
  const before = await server.ask("cpu")
  const all = Promise.all(clients.map((client) => client.received(publishes + 1)))
  await server.ask("publish")
  await all
  const after = await server.ask("cpu")
  await leaveAll(clients)
  return ((after - before) * 1000) / (publishes * readers)
}

const measures: Readonly<Record<keyof Cost, (server: Child, port: number) => Promise<number>>> = {
  idle,
  connection,
  request,
  delivery,
}
