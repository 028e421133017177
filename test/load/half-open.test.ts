import { spawnSync } from "node:child_process"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { runningProgram } from "../support/process.ts"
import { seconds, tellFigure } from "./figure.ts"
import { sized } from "./load-size.ts"

const clients = sized(50, 10)
const stall = 2_000

/** A namespace has a network of its own, in which a route can be cut. */
const inNamespace = ["--map-root-user", "--net"]

const canMakeNamespaces =
  spawnSync("unshare", [...inNamespace, "ip", "link", "set", "lo", "up"]).status === 0

if (!canMakeNamespaces) {
  console.info(
    "skipped: half-open connections, because no network namespace can be made here (unshare, ip)",
  )
}

const Told = Schema.fromJsonString(
  Schema.Struct({ before: Schema.Int, after: Schema.Int, millis: Schema.Number }),
)

describe.runIf(canMakeNamespaces)(`${clients} clients whose network is gone`, () => {
  it.live("are disconnected when they take nothing of what they are sent", (context) =>
    Effect.gen(function* () {
      const program = yield* runningProgram("unshare", [
        ...inNamespace,
        process.execPath,
        "test/load/half-open-process.ts",
        String(clients),
        String(stall),
      ])
      expect(yield* program.ended, program.output()).toBe(0)
      const line = program.stdout().trim().split("\n").at(-1)
      const { before, after, millis } = Schema.decodeUnknownSync(Told)(line)
      tellFigure(
        context,
        `${before} lifetimes open, ${after} held ${seconds(millis)} later (limit ${seconds(stall)})`,
      )
      expect(before).toBeGreaterThanOrEqual(clients)
      expect(after).toBe(0)
    }),
  )
})
