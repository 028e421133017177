import { createServer, type Server } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import type * as HttpServerError from "effect/http/HttpServerError"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Semaphore from "effect/Semaphore"
import * as Tracer from "effect/Tracer"
import { type AccessRules, whyRefused } from "../access/access-rules.ts"
import { type Encoding, encodingOf, encodings, json } from "../otlp/encoding.ts"
import type { DecodedSpans } from "../otlp/groups.ts"
import { type PackedBody, receiveBody, refuseDense, unpack } from "./body.ts"
import { limitConnections } from "./connection-limit.ts"
import { defaultMemory } from "./memory.ts"
import * as Refusal from "./refusal.ts"
import { TraceStore } from "./trace-store.ts"
import { tickInterval, Uploads } from "./uploads.ts"

interface ReceiverOptions {
  /** The address to listen on. */
  readonly host: string
  /** The names under which it may be asked, besides `host` and this machine's names. */
  readonly allowHosts?: ReadonlyArray<string>
  /** 0 for any free one. */
  readonly port: number
  /** What the store keeps, in bytes. An eighth of that may be on its way here at one moment. */
  readonly memory?: number
}

/** An OTLP/HTTP receiver that is listening. What it receives goes into the `TraceStore`. */
export class Receiver extends Context.Service<
  Receiver,
  {
    /** The base that exporters are given, as `http://127.0.0.1:4318`. */
    readonly url: string
    /** Where spans are posted to: `url` and `/v1/traces`. */
    readonly tracesUrl: string
    /** How many requests were refused because too much was being sent at once. */
    readonly refused: Effect.Effect<number>
  }
>()("scopeline/collector/Receiver") {
  /**
   * Listens until the layer is closed, which ends open connections within about 0.2 s. Fails with `ServeError`
   * if it cannot listen. Its own work makes no spans.
   */
  static readonly layer = (
    options: ReceiverOptions,
  ): Layer.Layer<Receiver, HttpServerError.ServeError, TraceStore> =>
    Layer.effect(Receiver, listen(options))
}

const path = "/v1/traces"

/** Bodies that are unpacked and read at the same time: each may take several times its 32 MiB. */
const readersAtOnce = 1

const connectionsAtOnce = 1_024

const shareInFlight = 1 / 8

/** A body takes its size twice while it is read. */
const copiesOfBody = 2

/** Room for the largest body, and for others beside it. */
const leastInFlight = 40 * 1024 * 1024

const drainMillis = 200

const makeServer = (): Server =>
  createServer({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    connectionsCheckingInterval: 5_000,
  })

const listen = Effect.fnUntraced(function* (options: ReceiverOptions) {
  const { host, port, memory = defaultMemory } = options
  const node = makeServer()
  const store = yield* TraceStore
  const uploads = new Uploads(Math.max(memory * shareInFlight, leastInFlight), (bytes) =>
    store.reserve(bytes * copiesOfBody),
  )
  yield* Effect.acquireRelease(
    Effect.sync(() => setInterval(() => uploads.tick(), tickInterval).unref()),
    (timer) => Effect.sync(() => clearInterval(timer)),
  )
  yield* limitConnections(node, connectionsAtOnce)
  const server = yield* NodeHttpServer.make(() => node, {
    host,
    port,
    disablePreemptiveShutdown: true,
  })
  yield* server.serve(yield* makeApp(options, uploads)).pipe(untraced)
  yield* Effect.addFinalizer(() => drain(node))
  const url = HttpServer.formatAddress(server.address)
  const refused = Effect.sync(() => uploads.refused)
  return Receiver.of({ url, tracesUrl: url + path, refused })
})

/**
 * Takes no new request, and lets running ones end for a moment. A request whose body has stopped coming cannot
 * be interrupted, so its connection is closed before we wait for its fiber.
 */
const drain = (server: Server): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const timer = setTimeout(() => server.closeAllConnections(), drainMillis)
    server.close(() => {
      clearTimeout(timer)
      resume(Effect.void)
    })
  })

/** A receiver in the process that it observes must not observe itself. */
const untraced = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  effect.pipe(
    Effect.withTracerEnabled(false),
    Effect.provideService(Tracer.Tracer, Tracer.nativeTracer),
  )

const contentTypes = encodings.map(({ contentType }) => contentType).join(", ")

/** Until the body is to be read, in the order in which the answers of HTTP exclude each other. */
const accept = Effect.fnUntraced(function* (
  request: HttpServerRequest.HttpServerRequest,
  encoding: Encoding | undefined,
  rules: AccessRules,
): Effect.fn.Return<Encoding, Refusal.Refusal> {
  const { host, origin } = request.headers
  const reason = whyRefused({ host, origin }, rules)
  if (reason !== undefined) return yield* Refusal.forbidden(reason)
  if (request.url.split("?", 1)[0] !== path) {
    return yield* Refusal.notFound(`traces are taken at ${path}`)
  }
  if (request.method !== "POST") return yield* Refusal.methodNotAllowed("traces are sent with POST")
  if (encoding === undefined) {
    return yield* Refusal.unsupportedType(`the content type is none of ${contentTypes}`)
  }
  return encoding
})

const read = Effect.fnUntraced(function* (encoding: Encoding, packed: PackedBody) {
  const bytes = yield* unpack(packed)
  if (encoding === json) yield* refuseDense(bytes)
  return yield* encoding
    .decode(bytes)
    .pipe(Effect.mapError(({ message }) => Refusal.badRequest(message)))
})

const answer = (encoding: Encoding, status: number, body: Uint8Array, headers = {}) =>
  HttpServerResponse.uint8Array(body, { status, contentType: encoding.contentType, headers })

const reasonsOf = ({ rejected }: DecodedSpans): string =>
  [...new Set(rejected.map(({ reason }) => reason))].join("; ")

const accepted = (encoding: Encoding, decoded: DecodedSpans) =>
  Effect.map(encoding.response(decoded.rejected.length, reasonsOf(decoded)), (body) =>
    answer(encoding, 200, body),
  )

const refused = (encoding: Encoding, { status, code, message, headers }: Refusal.Refusal) =>
  Effect.map(encoding.status(code, message), (body) => answer(encoding, status, body, headers))

const makeApp = Effect.fnUntraced(function* (rules: AccessRules, uploads: Uploads) {
  const store = yield* TraceStore
  const readers = yield* Semaphore.make(readersAtOnce)

  const take = Effect.fnUntraced(function* (
    request: HttpServerRequest.HttpServerRequest,
    named: Encoding | undefined,
  ) {
    const encoding = yield* accept(request, named, rules)
    const decoded = yield* uploads.use((upload) =>
      Effect.flatMap(receiveBody(request, uploads, upload), (packed) =>
        readers.withPermit(Effect.tap(read(encoding, packed), ({ spans }) => store.add(spans))),
      ),
    )
    return yield* accepted(encoding, decoded)
  })

  return Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const encoding = encodingOf(request.headers["content-type"])
    return yield* take(request, encoding).pipe(
      Effect.catchDefect(() => Effect.fail(Refusal.failed("the spans could not be taken"))),
      // A request without a known encoding is answered in JSON.
      Effect.catchTag("Refusal", (refusal) => refused(encoding ?? json, refusal)),
    )
  })
})

/** A collector for a command: on a free port of this machine, with an empty store. */
export const layerEmbedded = Receiver.layer({ host: "127.0.0.1", port: 0 }).pipe(
  Layer.provideMerge(TraceStore.layer()),
)
