import type { RequestListener } from "node:http"
import { createServer as createSecureServer } from "node:https"
import { Effect } from "effect"
import { tcpServer } from "./tcp-server.ts"

/** Made for these tests and known to everybody: it signs itself, for 127.0.0.1 and localhost. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTZgfpqQtODTb3qLW
J2m/HTe1mbawG7+r0RdaT/PVWaGhRANCAAQ+T3Qf4UeSEPFXvLMP/JBJYg48Ubzj
+nQOsIFubXWgf3j8P1xOEzW/aZ+CUDjt+8Rr8+sVtUrYE1bN+vPqu+QG
-----END PRIVATE KEY-----`
const cert = `-----BEGIN CERTIFICATE-----
MIIBZzCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABD5PdB/hR5IQ8Ve8
sw/8kEliDjxRvOP6dA6wgW5tdaB/ePw/XE4TNb9pn4JQOO37xGvz6xW1StgTVs36
8+q75AajTjBMMBoGA1UdEQQTMBGHBH8AAAGCCWxvY2FsaG9zdDAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBQEbaSkGAUakYOmS1mHl2vvrZVhiTAKBggqhkjOPQQD
AgNIADBFAiEA1nY5jangiBayrOS4FpktMb92M0McCMENfliGTELZnikCIE6JdNcR
6/YSqvaGoeGS/oa8q1j2tfpaxbOyUaLcZSzY
-----END CERTIFICATE-----`

/** What TLS begins with. */
const handshake = 0x16

/** A server that speaks TLS and says `onPlain` to what does not; ended with the scope. Gives its address. */
export const secureServer = (listener: RequestListener, { onPlain = "" } = {}) =>
  Effect.suspend(() => {
    const secure = createSecureServer({ key, cert }, listener)
    const listening = tcpServer((socket) => {
      socket.once("data", (first) => {
        if (first[0] !== handshake) socket.end(onPlain)
        else {
          socket.pause().unshift(first)
          secure.emit("connection", socket)
        }
      })
    })
    return Effect.map(listening, (port) => `https://127.0.0.1:${port}`)
  })
