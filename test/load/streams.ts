import { connect, type Socket } from "node:net"

const request = "GET /event HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n\r\n"

/** The end of a body that is sent in chunks. */
const lastChunk = "0\r\n\r\n"

/** A stream that is open: its client has had the first event. */
export interface OpenStream {
  readonly socket: Socket
  /** Whether its server has ended it well; once the connection is gone. */
  readonly ended: Promise<boolean>
}

const open = (port: number): Promise<OpenStream> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(request))
    let tail = ""
    socket.setEncoding("latin1").on("error", reject)
    const ended = new Promise<boolean>((done) => {
      socket.once("close", () => done(tail.endsWith(lastChunk)))
    })
    socket.on("data", (text: string) => {
      tail = (tail + text).slice(-lastChunk.length)
      if (text.includes("data:")) resolve({ socket, ended })
    })
  })

/** So many streams, some at a time. */
export const openStreams = async (
  port: number,
  count: number,
): Promise<ReadonlyArray<OpenStream>> => {
  const streams: Array<OpenStream> = []
  while (streams.length < count) {
    const some = Math.min(100, count - streams.length)
    streams.push(...(await Promise.all(Array.from({ length: some }, () => open(port)))))
  }
  return streams
}
