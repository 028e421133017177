import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Receiver } from "../../collector/receiver.ts"
import { TraceStore } from "../../collector/trace-store.ts"
import {
  type ProbeOptions,
  type ProbeResult,
  probeCollecting,
  probe as probeFromOutside,
} from "../../probe/probe.ts"
import { parseTrigger } from "../../probe/trigger.ts"
import type { Visit } from "../../probe/visit.ts"
import { Unexpected, UsageError } from "../failure.ts"
import { DurationText } from "../flags/duration-text.ts"
import { httpAddress } from "../flags/http-address.ts"
import { portFlag } from "../flags/port-flag.ts"
import { reportFlag, writeReport } from "../flags/report-file.ts"
import { listenFailure } from "../listen-failure.ts"
import { paint } from "../terminal/paint.ts"
import { screenOf } from "../terminal/screen.ts"
import { probeReport } from "./report.ts"
import { probeLines } from "./text.ts"

/** More than an ordinary machine has sockets for. */
const mostConnections = 10_000

/** Milliseconds that a server may take to answer and to send a first event. */
const patience = 10_000

const duration = (name: string, description: string, byDefault: number) =>
  Flag.String(name).pipe(
    Flag.withDescription(description),
    Flag.withSchema(DurationText),
    Flag.withDefault(byDefault),
  )

const parameters = {
  url: Argument.String("URL").pipe(
    Argument.withDescription("Address of an event stream"),
    Argument.withSchema(httpAddress("http://127.0.0.1:4096/event")),
  ),
  connections: Flag.Int("connections").pipe(
    Flag.withDescription("How many clients connect at once, 1 by default"),
    Flag.filter(
      (count) => count >= 1 && count <= mostConnections,
      (count) => `${count} connections are not possible: from 1 to ${mostConnections} are`,
    ),
    Flag.withDefault(1),
  ),
  hold: duration("hold", "How long they stay before they leave, 2s by default", 2000),
  trigger: Flag.String("trigger").pipe(
    Flag.withDescription('A request that causes events, as "POST /session {}"; sent once'),
    Flag.optional,
  ),
  baseline: Flag.String("baseline").pipe(
    Flag.withDescription("Do the same to this event stream and report what differs"),
    Flag.withSchema(httpAddress("http://127.0.0.1:4097/event")),
    Flag.optional,
  ),
  collect: portFlag("collect", "Receive the server's own spans over OTLP/HTTP on this port").pipe(
    Flag.withMetavar("PORT"),
    Flag.optional,
  ),
  wait: duration("wait", "How long the server's spans may take to come, 10s by default", 10_000),
  grace: duration("grace", "How long a lifetime may outlive its exchange, 1s by default", 1000),
  expectEnd: Flag.Boolean("expect-end").pipe(
    Flag.withDescription("The stream is finite: an end by the server is no finding"),
    Flag.withDefault(false),
  ),
  report: reportFlag,
  json: Flag.Boolean("json").pipe(
    Flag.withDescription("Print one JSON document"),
    Flag.withDefault(false),
  ),
}

/** `scopeline probe`: what clients of any event stream see, and what its server says of itself. */
export const probe = Command.make(
  "probe",
  parameters,
  Effect.fnUntraced(function* ({ collect, wait, grace, report, json, ...rest }) {
    const trigger = Option.isNone(rest.trigger)
      ? undefined
      : yield* parseTrigger(rest.trigger.value).pipe(
          Effect.mapError(({ message }) => new UsageError({ message })),
        )
    const baseline = Option.getOrUndefined(rest.baseline)
    const options: ProbeOptions = { ...rest, trigger, baseline, patience }
    const probed = yield* Option.match(collect, {
      onNone: () => probeFromOutside(options),
      onSome: (port) =>
        probeCollecting(options, { wait, grace: grace * 1000 }).pipe(
          Effect.provide(collector(port, json)),
          Effect.catchTag("ServeError", (error) =>
            Effect.fail(listenFailure(host, port, error, "--collect")),
          ),
        ),
    })
    const { width, color } = screenOf(process.stdout, process.env)
    yield* Console.log(
      json
        ? JSON.stringify(toJson(probed), undefined, 2)
        : paint(probeLines(probed, width), color).trimEnd(),
    )
    const written = yield* writeReport(report, (environment) => probeReport(probed, environment))
    if (!json) yield* Effect.forEach(written, (line) => Console.log(line))
    if (!probed.asExpected) return yield* new Unexpected()
  }),
).pipe(
  Command.withDescription("Connect to an event stream as its clients do and report what they see"),
)

const host = "127.0.0.1"

/** Whoever starts the server has to know where it is to send its spans. */
const collector = (port: number, json: boolean) =>
  Layer.tap(Receiver.layer({ host, port }), (context) => {
    const { url } = Context.get(context, Receiver)
    const line = `Listening on ${url} for the server's spans (OTLP/HTTP).`
    if (!json) return Console.log(line)
    return port === 0 ? Console.error(line) : Effect.void
  }).pipe(Layer.provideMerge(TraceStore.layer()))

const toJson = ({ visit, baseline, findings, notes }: ProbeResult) => ({
  ...visitToJson(visit),
  ...(baseline === undefined
    ? {}
    : { baseline: visitToJson(baseline.visit), difference: baseline.deviation }),
  findings,
  notes,
})

const visitToJson = ({ url, connections }: Visit) => ({
  url,
  connections: connections.map(({ seen }) => ({
    status: seen.status ?? null,
    firstByteMs: seen.firstByteMs ?? null,
    firstEventMs: seen.firstEventMs ?? null,
    streamMs: seen.streamMs ?? null,
    endedBy: seen.endedBy ?? null,
    events: Object.fromEntries(seen.events),
  })),
})
