import type { Agent, ClientRequest, request as httpRequest, IncomingMessage } from "node:http"
import { promisify } from "node:util"
import { gzip } from "node:zlib"
import {
  convertLegacyHttpOptions,
  httpAgentFactoryFromOptions,
} from "@opentelemetry/otlp-exporter-base/node-http"
import transformer from "@opentelemetry/otlp-transformer/package.json" with { type: "json" }
import packageJson from "../../../package.json" with { type: "json" }
import { type Answer, refusalBy, unreachableBy } from "./answer.ts"
import { silenceMillis } from "./patience.ts"

export interface CollectorOptions {
  readonly url: string
  readonly contentType: string
  /** Whether the `OTEL_EXPORTER_OTLP_*` variables supply what is not given here. */
  readonly fromEnvironment: boolean
}

/** Reads the answer to a request that was taken. */
type ReadTaken = (body: Uint8Array) => Answer

/** The format, as the SDK names it, and the name of the sender. */
const userAgent = `OTel-OTLP-Exporter-JavaScript/${transformer.version} scopeline/${packageJson.version}`

/** The default if the environment says nothing. */
const isolatedTimeoutMillis = 5_000

/** We ignore what a collector sends beyond this. */
const answerAtMost = 64 * 1024

const configurationOf = ({ url, contentType, fromEnvironment }: CollectorOptions) =>
  fromEnvironment
    ? convertLegacyHttpOptions({ url }, "TRACES", "v1/traces", { "Content-Type": contentType })
    : {
        url,
        headers: async () => ({ "Content-Type": contentType }),
        timeoutMillis: isolatedTimeoutMillis,
        compression: "none",
        agentFactory: httpAgentFactoryFromOptions({ keepAlive: true }),
      }

interface Http {
  readonly agent: Agent
  readonly request: typeof httpRequest
}

/**
 * Sends spans over HTTP. The SDK's own transport retries with timers that nothing stops and that keep the
 * process alive. This one sends once, and reports the result.
 */
export class Collector {
  readonly #configuration: ReturnType<typeof configurationOf>
  readonly #open = new Set<ClientRequest>()
  #http: Promise<Http> | undefined
  #agent: Agent | undefined
  #isClosed = false

  constructor(options: CollectorOptions) {
    this.#configuration = configurationOf(options)
  }

  /** Never rejects. `read` gets what the collector said when it took the spans. */
  async send(bytes: Uint8Array, read: ReadTaken): Promise<Answer> {
    try {
      const { compression, headers } = this.#configuration
      this.#http ??= this.#load()
      const http = await this.#http
      const body = compression === "gzip" ? await promisify(gzip)(bytes) : bytes
      const fields: Record<string, string | number> = {
        ...(await headers()),
        ...(compression === "gzip" ? { "Content-Encoding": "gzip" } : {}),
        "User-Agent": userAgent,
        "Content-Length": body.byteLength,
      }
      return await this.#exchange(http, fields, body, read)
    } catch (cause) {
      return unreachableBy(errorOf(cause), false)
    }
  }

  /** Gives up whatever is on its way: nothing keeps the process alive any more. */
  close(): void {
    this.#isClosed = true
    for (const request of this.#open) request.destroy()
    this.#agent?.destroy()
  }

  /** Only now: instrumentation of HTTP in a program runs before HTTP is loaded. */
  async #load(): Promise<Http> {
    const { protocol } = new URL(this.#configuration.url)
    const { request } = await (protocol === "http:" ? import("node:http") : import("node:https"))
    this.#agent = await this.#configuration.agentFactory(protocol)
    return { request, agent: this.#agent }
  }

  #exchange(
    { agent, request }: Http,
    headers: Record<string, string | number>,
    body: Uint8Array,
    read: ReadTaken,
  ): Promise<Answer> {
    if (this.#isClosed) {
      return Promise.resolve({
        kind: "unreachable",
        reason: "the program ended",
        mayHaveArrived: false,
      })
    }
    const { url, timeoutMillis } = this.#configuration
    const isSecure = url.startsWith("https:")
    return new Promise<Answer>((resolve) => {
      const sent = request(url, { method: "POST", headers, agent }, (response) => {
        answered(response, read).then(done, (cause) => done(unreachableBy(errorOf(cause), true)))
      })
      const giveUp = () => {
        if (!this.#open.has(sent)) return
        done({ kind: "silent", reason: `no answer within ${timeoutMillis / 1000} s` })
        sent.destroy()
      }
      // A program that was busy all this time first reads what has come meanwhile.
      const silent = setTimeout(() => setImmediate(giveUp), timeoutMillis).unref()
      // A program that ends without closing the exporter waits no longer than one that closes it.
      const letGo = setTimeout(() => sent.socket?.unref(), silenceMillis).unref()
      const done = (answer: Answer) => {
        clearTimeout(silent)
        clearTimeout(letGo)
        this.#open.delete(sent)
        resolve(answer)
      }
      let hasLeft = false
      this.#open.add(sent)
      sent.on("socket", (socket) => {
        const leave = () => {
          hasLeft = true
        }
        // Over TLS, nothing has been sent before the handshake is done.
        if (socket.connecting) socket.once(isSecure ? "secureConnect" : "connect", leave)
        else leave()
      })
      sent.on("error", (error) => done(unreachableBy(error, hasLeft)))
      sent.end(body)
    })
  }
}

const errorOf = (cause: unknown): Error =>
  cause instanceof Error ? cause : new Error(String(cause))

/** A connection that breaks after the head has still answered. */
const answered = async (response: IncomingMessage, read: ReadTaken): Promise<Answer> => {
  const { statusCode = 0, headers } = response
  const body = await bodyOf(response)
  if (statusCode < 200 || statusCode > 299) return refusalBy(statusCode, headers["retry-after"])
  return read(body)
}

const bodyOf = async (response: IncomingMessage): Promise<Uint8Array> => {
  const chunks: Array<Uint8Array> = []
  let size = 0
  try {
    for await (const chunk of response) {
      chunks.push(chunk)
      size += chunk.length
      if (size > answerAtMost) break
    }
  } catch {} // what has come is enough
  return size > answerAtMost ? new Uint8Array() : Buffer.concat(chunks)
}
