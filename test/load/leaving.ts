import { connect } from "node:net"

/** How a client can leave, short of being killed. */
export type Way = "close" | "reset" | "half-close"

/** Whether it has read the head of the answer and the first event by then. */
export type Moment = "before the head" | "after the head"

export const ways: ReadonlyArray<Way> = ["close", "reset", "half-close"]
export const moments: ReadonlyArray<Moment> = ["before the head", "after the head"]

const request = "GET /event HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n\r\n"

/**
 * One client that asks for the stream and leaves. It is done once the connection is gone: after a half-close its
 * server has to end that.
 */
export const leaving = (port: number, way: Way, moment: Moment): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true })
    const leave = () => {
      if (way === "close") socket.destroy()
      if (way === "reset") socket.resetAndDestroy()
      if (way === "half-close") socket.end()
    }
    let hasAsked = false
    socket.once("connect", () => {
      hasAsked = true
      socket.write(request, () => {
        if (moment === "before the head") leave()
      })
    })
    socket.once("data", () => {
      if (moment === "after the head") leave()
      socket.resume()
    })
    // The server may reset what was half closed; a connection that was never made is no client.
    socket.on("error", (error) => {
      if (!hasAsked) reject(error)
    })
    socket.once("close", () => resolve())
  })
