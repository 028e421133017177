// Clients that ask for the stream, and are killed with this process: before they read, or after the first event.
import { connect, type Socket } from "node:net"

const [port, count, moment] = process.argv.slice(2)

const request = "GET /event HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n\r\n"

const connected = (): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(port), "127.0.0.1", () => resolve(socket))
    socket.once("error", reject)
  })

const sockets = await Promise.all(Array.from({ length: Number(count) }, connected))
for (const socket of sockets) socket.write(request)
if (moment === "after the head") {
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("data", resolve))))
}
process.kill(process.pid, "SIGKILL")
