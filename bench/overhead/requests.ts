import { Agent, get } from "node:http"

/** Makes so many ordinary requests, a few at the same time, over connections that stay open. */
export const requestAll = async (
  port: number,
  count: number,
  atOnce: number,
  path = "/session/ses_1",
): Promise<void> => {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  let left = count
  const some = async () => {
    while (left-- > 0) await request(agent, port, path)
  }
  await Promise.all(Array.from({ length: atOnce }, some))
  agent.destroy()
}

const request = (agent: Agent, port: number, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    get({ agent, port, host: "127.0.0.1", path }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`))
      response.resume().once("end", resolve)
    }).once("error", reject)
  })
