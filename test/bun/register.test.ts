import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { ended, findingsIn } from "../register/registered.ts"
import { isInstalled, programOf } from "../released/release.ts"
import { otlpSink, spansIn } from "../support/otlp-sink.ts"
import { runningProgram } from "../support/process.ts"
import type { Variables } from "../support/running.ts"
import { bunReleases } from "./releases.ts"

const register = fileURLToPath(new URL("../../otel/register.js", import.meta.url))

/** Leaves nothing in the home of whoever runs the tests. */
const quiet = { BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" }

describe.each(bunReleases.filter(isInstalled))(
  "$title, with otel/register.js before",
  (release) => {
    const run = (words: ReadonlyArray<string>, variables: Variables = {}) =>
      Effect.scoped(
        Effect.flatMap(
          runningProgram(programOf(release), words, { ...quiet, ...variables }),
          ended,
        ),
      )

    it.live.each([
      {
        file: "managed-runtime.ts",
        path: "broken",
        findings: ["scope-closed-early · GET /broken"],
      },
      { file: "managed-runtime.ts", path: "fixed", findings: [] },
      { file: "web-handler.ts", path: "broken", findings: ["scope-closed-early · GET /broken"] },
      { file: "web-handler.ts", path: "fixed", findings: [] },
      { file: "commonjs.cjs", path: "broken", findings: ["scope-closed-early · GET /broken"] },
    ])("$file, $path: is told what is wrong, and stays what it was", ({ file, path, findings }) =>
      Effect.gen(function* () {
        const program = `test/register/programs/${file}`
        const without = yield* run([program, path])
        const under = yield* run(["--preload", register, program, path])
        const alike = (text: string) => text.replaceAll(/\[[\d:.]+\]/g, "[time]")
        expect(alike(under.stdout)).toBe(alike(without.stdout))
        expect([under.code, under.signal]).toEqual([without.code, without.signal])
        expect(findingsIn(under)).toEqual(findings)
      }),
    )

    it.live("a program sends what waits when it ends", () =>
      Effect.gen(function* () {
        const sink = yield* otlpSink
        yield* run(["test/register/programs/managed-runtime.ts", "broken"], {
          BUN_OPTIONS: `--preload=${register}`,
          OTEL_EXPORTER_OTLP_ENDPOINT: sink.address,
        })
        const names = (yield* spansIn(sink.requests)).map(({ name }) => name)
        expect(names).toContain("scope subscribe")
        expect(names.filter((name) => name === "GET")).toHaveLength(1)
      }),
    )
  },
)
