// The clients of one server, in a process of their own.
import { answer } from "../child.ts"
import { connectAll } from "../overhead/client.ts"
import { Publisher } from "./publish.ts"
import { events, warmUpEvents } from "./workload.ts"

const port = Number(process.env.BENCH_PORT)
const clients = await connectAll(port, Number(process.env.BENCH_CLIENTS))
const [one, eight] = [new Publisher(port, 1), new Publisher(port, 8)]
let expected = 1

/** Milliseconds until every client has got all that is published. */
const spread = async (publisher: Publisher, count: number): Promise<number> => {
  const began = performance.now()
  expected += count
  const all = Promise.all(clients.map((client) => client.received(expected)))
  await publisher.publish(count)
  await all
  return performance.now() - began
}

answer({
  "warm up": () => spread(eight, warmUpEvents),
  "over 8 connections": () => spread(eight, events),
  "over 1 connection": () => spread(one, events),
  "one event": () => spread(one, 1),
})
process.once("disconnect", () => process.exit(0))
