import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { vi } from "vitest"
import { takenOf } from "../../../otel/export/delivery/answer.ts"
import { Collector } from "../../../otel/export/delivery/collector.ts"
import { encodings } from "../../../otel/export/delivery/protocol.ts"
import { listening } from "../../support/jaeger-stand-in.ts"
import { secureServer } from "../../support/secure-server.ts"
import { refusingAddress } from "../../support/silent-server.ts"

const body = new TextEncoder().encode('{"resourceSpans":[]}')

const beBusy = (millis: number) => {
  const until = performance.now() + millis
  while (performance.now() < until);
}

/** What comes of a request for ten spans to this address. */
const sentTo = (
  url: string,
  protocol: keyof typeof encodings = "http/json",
  timeout?: `${number}`,
) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      vi.stubEnv("OTEL_EXPORTER_OTLP_TIMEOUT", timeout)
      return new Collector({ url, contentType: "any", fromEnvironment: timeout !== undefined })
    }),
    (collector) =>
      Effect.sync(() => {
        vi.unstubAllEnvs()
        collector.close()
      }),
  ).pipe(
    Effect.flatMap((collector) =>
      Effect.promise(() =>
        collector.send(body, (said) =>
          takenOf(10, encodings[protocol].serializer.deserializeResponse(said)),
        ),
      ),
    ),
  )

/** The same where the collector answers this. */
const answeredWith = Effect.fnUntraced(function* (
  status: number,
  said: string | Uint8Array = "",
  headers: Readonly<Record<string, string>> = {},
  protocol: keyof typeof encodings = "http/json",
) {
  const url = yield* listening((_, response) => response.writeHead(status, headers).end(said))
  return yield* sentTo(url, protocol)
})

const taken = { kind: "taken", rejected: 0, reason: "" }

describe("the collector", () => {
  it.live.each([
    ["nothing", "", taken],
    ["an empty object", "{}", taken],
    ["no JSON", "<html>", taken],
    ["null", "null", taken],
    ["a list", '[{"partialSuccess":1}]', taken],
    ["no object", '{"partialSuccess":3}', taken],
    ["a number", '{"partialSuccess":{"rejectedSpans":3}}', { ...taken, rejected: 3 }],
    [
      "a number as text, and why",
      '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too \\u001b[31mold"}}',
      { ...taken, rejected: 3, reason: "too \\u001b[31mold" },
    ],
    [
      "more than it was sent",
      '{"partialSuccess":{"rejectedSpans":99}}',
      { ...taken, rejected: 10 },
    ],
    ["less than nothing", '{"partialSuccess":{"rejectedSpans":-9}}', taken],
    ["no number", '{"partialSuccess":{"rejectedSpans":{}}}', taken],
  ] as const)("has taken what it does not reject: %s", ([, said, answer]) =>
    Effect.gen(function* () {
      expect(yield* answeredWith(200, said)).toEqual(answer)
    }),
  )

  it.live("rejects in protobuf as well", () =>
    Effect.gen(function* () {
      const said = Uint8Array.from([0x0a, 0x06, 0x08, 0x02, 0x12, 0x02, 0x6e, 0x6f])
      expect(yield* answeredWith(200, said, {}, "http/protobuf")).toEqual({
        kind: "taken",
        rejected: 2,
        reason: "no",
      })
    }),
  )

  it.live.each([
    [400, "400 Bad Request"],
    [404, "404 Not Found"],
    [413, "413 Payload Too Large"],
    [301, "301 Moved Permanently"],
    [500, "500 Internal Server Error"],
  ] as const)("refuses with a status of %i", ([status, reason]) =>
    Effect.gen(function* () {
      expect(yield* answeredWith(status)).toEqual({ kind: "refused", status, reason })
    }),
  )

  it.live.each([
    [429, { "retry-after": "3" }, 3_000],
    [503, {}, undefined],
    [502, { "retry-after": "soon" }, undefined],
    [504, { "retry-after": "-3" }, 0],
    [503, { "retry-after": "Mon, 01 Jan 2001 00:00:00 GMT" }, 0],
  ] as const)("asks for time with a status of %i and %o", ([status, headers, afterMillis]) =>
    Effect.gen(function* () {
      expect(yield* answeredWith(status, "", headers)).toMatchObject({ kind: "later", afterMillis })
    }),
  )

  it.live("cannot be reached where nobody listens, or the connection breaks", () =>
    Effect.gen(function* () {
      const refused = yield* sentTo(yield* refusingAddress)
      expect(refused).toEqual({
        kind: "unreachable",
        reason: expect.stringContaining("ECONNREFUSED"),
        mayHaveArrived: false,
      })
      const broken = yield* listening((request) => request.socket.destroy())
      expect(yield* sentTo(broken)).toMatchObject({ kind: "unreachable", mayHaveArrived: true })
    }),
  )

  it.live("is sent the bytes as they are", () =>
    Effect.gen(function* () {
      const bodies: Array<Buffer> = []
      const url = yield* listening((request, response) => {
        const chunks: Array<Buffer> = []
        request.on("data", (chunk: Buffer) => chunks.push(chunk))
        request.on("end", () => {
          bodies.push(Buffer.concat(chunks))
          response.end("{}")
        })
      })
      expect(yield* sentTo(url)).toEqual(taken)
      expect(bodies).toEqual([Buffer.from(body)])
    }),
  )

  it.live("keeps one connection, and nothing of the requests that went over it", () =>
    Effect.gen(function* () {
      const url = yield* listening((_, response) => response.end("{}"))
      const collector = new Collector({ url, contentType: "any", fromEnvironment: false })
      const warnings: Array<string> = []
      const warned = (warning: Error) => warnings.push(warning.name)
      process.on("warning", warned)
      for (let count = 0; count < 12; count++) {
        yield* Effect.promise(() => collector.send(body, () => takenOf(1, undefined)))
      }
      yield* Effect.promise(() => new Promise(setImmediate)) // Node.js warns in a turn of its own
      process.off("warning", warned)
      collector.close()
      expect(warnings).toEqual([])
    }),
  )

  it.live("has answered where the program was too busy to read that in time", () =>
    Effect.gen(function* () {
      const url = yield* listening((_, response) => {
        response.end("{}")
        beBusy(300)
      })
      expect(yield* sentTo(url, "http/json", "100")).toEqual(taken)
    }),
  )

  it.live("gives up what is on its way when it is closed", () =>
    Effect.gen(function* () {
      const asked = yield* Deferred.make<void>()
      const url = yield* listening(() => Deferred.doneUnsafe(asked, Effect.void))
      const collector = new Collector({ url, contentType: "any", fromEnvironment: false })
      const sending = collector.send(body, () => ({ kind: "taken", rejected: 0, reason: "" }))
      yield* Deferred.await(asked)
      collector.close()
      expect(yield* Effect.promise(() => sending)).toMatchObject({ kind: "unreachable" })
    }),
  )

  it.live("has got nothing where its certificate is not accepted", () =>
    Effect.gen(function* () {
      const url = yield* secureServer((_, response) => response.end())
      expect(yield* sentTo(url)).toMatchObject({ kind: "unreachable", mayHaveArrived: false })
    }),
  )
})
