import * as Argument from "effect/cli/Argument"
import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { DurationText } from "../flags/duration-text.ts"
import { graceFlag } from "../flags/grace-flag.ts"
import { httpAddress } from "../flags/http-address.ts"
import { jsonFlag } from "../flags/json-flag.ts"
import { markdownFlag } from "../flags/markdown-flag.ts"
import { portFlag } from "../flags/port-flag.ts"
import { reportFlag } from "../flags/report-flag.ts"
import { requestFlags } from "./request-flags.ts"

/** More than an ordinary machine has sockets for. */
const mostConnections = 10_000

const duration = (name: string, description: string, byDefault: number) =>
  Flag.String(name).pipe(
    Flag.withMetavar("DURATION"),
    Flag.withDescription(description),
    Flag.withSchema(DurationText),
    Flag.withDefault(byDefault),
  )

export const probeFlags = {
  url: Argument.String("URL").pipe(
    Argument.withDescription("Address of an event stream"),
    Argument.withSchema(httpAddress("http://127.0.0.1:4096/event")),
  ),
  ...requestFlags,
  connections: Flag.Int("connections").pipe(
    Flag.withMetavar("COUNT"),
    Flag.withDescription("How many clients connect at once, 1 by default"),
    Flag.filter(
      (count) => count >= 1 && count <= mostConnections,
      (count) => `${count} connections are not possible: from 1 to ${mostConnections} are`,
    ),
    Flag.withDefault(1),
  ),
  hold: duration("hold", "How long they stay before they leave, 2s by default", 2000),
  trigger: Flag.String("trigger").pipe(
    Flag.withMetavar("REQUEST"),
    Flag.withDescription('A request that causes events, as "POST /session {}"; sent once'),
    Flag.optional,
  ),
  baseline: Flag.String("baseline").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription("Do the same to this event stream and report what differs"),
    Flag.withSchema(httpAddress("http://127.0.0.1:4097/event")),
    Flag.optional,
  ),
  collect: portFlag("collect", "Receive the server's own spans over OTLP/HTTP on this port").pipe(
    Flag.withMetavar("PORT"),
    Flag.optional,
  ),
  wait: duration("wait", "How long the server's spans may take to come, 10s by default", 10_000),
  grace: graceFlag,
  expectEnd: Flag.Boolean("expect-end").pipe(
    Flag.withDescription("The stream is finite: its end is not a finding"),
    Flag.withDefault(false),
  ),
  report: reportFlag,
  markdown: markdownFlag,
  json: jsonFlag(),
}

export type ProbeWords = Command.Command.Config.Infer<typeof probeFlags>
