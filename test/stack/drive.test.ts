import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import { fetchServices, fetchTrace } from "../../src/recordings/jaeger/client.ts"
import { jaegerStandIn } from "../support/jaeger-stand-in.ts"
import { readCompose, type Service, serviceNamed } from "./compose.ts"
import { running, serving } from "./process.ts"

const services = readCompose()
const driver = serviceNamed(services, "driver")

/** The same words and variables, with the addresses inside Compose's network replaced. */
const moved = (addresses: Readonly<Record<string, string>>) => {
  const replace = (text: string) => addresses[text] ?? text
  return {
    words: (service: Service) => service.command.map(replace),
    variables: (service: Service) =>
      Object.fromEntries(
        Object.entries(service.environment ?? {}).map(([name, value]) => [name, replace(value)]),
      ),
  }
}

const stack = Effect.gen(function* () {
  const jaeger = yield* jaegerStandIn
  const toJaeger = moved({ "http://jaeger:4318": jaeger.address })
  const serve = (name: string) => {
    const service = serviceNamed(services, name)
    return serving(toJaeger.words(service), toJaeger.variables(service))
  }
  const [broken, fixed] = yield* Effect.all([serve("sse-broken"), serve("sse-fixed")], {
    concurrency: 2,
  })
  const inside = moved({
    "http://jaeger:4318": jaeger.address,
    "http://jaeger:16686": jaeger.address,
    "http://sse-broken:4096": broken.address,
    "http://sse-fixed:4096": fixed.address,
  })
  const driveWith = (...more: ReadonlyArray<string>) =>
    running([...inside.words(driver), ...more], inside.variables(driver))
  return { jaeger, broken, fixed, drive: driveWith(), driveWith }
})

const links = /http:\/\/localhost:16686\/trace\/([0-9a-f]{32})\.\.\.([0-9a-f]{32})\?cohort=/

describe.concurrent("the stack's driver", () => {
  it.live(
    "drives both servers, waits for their traces, and links to Jaeger's comparison of them",
    () =>
      Effect.gen(function* () {
        const { jaeger, drive } = yield* stack
        const driven = yield* drive
        const code = yield* driven.ended
        expect(code, driven.output()).toBe(0)
        const [, brokenId = "", fixedId = ""] = links.exec(driven.output()) ?? []
        expect(driven.output()).toContain(`http://localhost:16686/trace/${brokenId}`)
        expect(driven.output()).toContain(`http://localhost:16686/trace/${fixedId}`)
        const { spans: broken } = yield* fetchTrace(jaeger.address, brokenId)
        const { spans: fixed } = yield* fetchTrace(jaeger.address, fixedId)
        const variants = (spans: typeof broken) =>
          new Set(
            spans
              .filter(({ kind }) => kind === "server")
              .map(({ resource }) => resource["scopeline.variant"]),
          )
        expect(variants(broken)).toEqual(new Set(["broken"]))
        expect(variants(fixed)).toEqual(new Set(["fixed"]))
        expect(yield* fetchServices(jaeger.address)).toContain("scopeline-sse")
        const said = driven.output()
        const verdict = said.indexOf("Fixed: the stream stayed open until its client left")
        expect(said).toContain("scope-closed-early · error · certain · once")
        expect(said).toContain("how to fix it")
        expect(verdict).toBeGreaterThan(said.indexOf("Broken: the stream was ended by the server"))
        expect(said.indexOf("In Jaeger:")).toBeGreaterThan(verdict)
        expect(said.trimEnd().split("\n").at(-1)).toMatch(/^scope-closed-early: +http:/)
      }).pipe(Effect.provide(FetchHttpClient.layer)),
    60_000,
  )

  it.live(
    "prints Markdown alone where that is asked for",
    () =>
      Effect.gen(function* () {
        const { driveWith } = yield* stack
        const driven = yield* driveWith("--markdown", "-")
        expect(yield* driven.ended, driven.output()).toBe(0)
        expect(driven.stdout()).toMatch(
          /^<!-- Written by Scopeline -->\n## GET \/event: broken and fixed\n/,
        )
        expect(driven.stdout()).toMatch(/### ✕ scope-closed-early[\s\S]*```text\n── GET \/event /)
        expect(driven.stdout()).not.toContain("In Jaeger:")
      }),
    60_000,
  )

  it.live(
    "makes another pair when it is run again",
    () =>
      Effect.gen(function* () {
        const { drive } = yield* stack
        const pairs = yield* Effect.forEach([1, 2], () =>
          Effect.gen(function* () {
            const driven = yield* drive
            yield* driven.ended
            return links.exec(driven.output())?.[0]
          }),
        )
        expect(new Set(pairs).size).toBe(2)
        expect(pairs).not.toContain(undefined)
      }),
    60_000,
  )

  it.live(
    "ends with 1, and says what is missing, when the traces do not come",
    () =>
      Effect.gen(function* () {
        const { broken, fixed } = yield* stack
        const silent = yield* jaegerStandIn
        const driven = yield* running([
          "drive",
          broken.address,
          fixed.address,
          "--jaeger",
          silent.address,
          "--jaeger-public",
          "http://localhost:16686",
          "--wait",
          "1 second",
        ])
        expect(yield* driven.ended).toBe(1)
        expect(driven.output()).toContain(silent.address)
      }),
    60_000,
  )
})
