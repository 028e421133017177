import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { supportedVariables } from "../../otel/export/settings.ts"
import { fixedVariable } from "../../src/server/variant.ts"
import { ownServices, portsOf, readCompose, serviceNamed } from "./compose.ts"
import { command as imageCommand } from "./dockerfile.ts"
import { defaultPort } from "./process.ts"
import { readInvocation, usageOf } from "./program.ts"
import { fileText } from "./repository.ts"

const services = readCompose()
const broken = serviceNamed(services, "sse-broken")
const fixed = serviceNamed(services, "sse-fixed")
const toggle = serviceNamed(services, "sse")
const driver = serviceNamed(services, "driver")
const jaeger = serviceNamed(services, "jaeger")

describe("docker-compose.yml", () => {
  it("runs the same server twice, told apart by the switch, the variant and the port alone", () => {
    const common = { FIXED_SSE: "", OTEL_RESOURCE_ATTRIBUTES: "" }
    const same = (service: typeof broken) => ({
      ...service,
      ports: [],
      environment: { ...service.environment, ...common },
    })
    expect(same(fixed)).toEqual(same(broken))
    expect(broken.environment).toMatchObject({
      FIXED_SSE: "0",
      OTEL_RESOURCE_ATTRIBUTES: "scopeline.variant=broken,host.id=scopeline-compose",
    })
    expect(fixed.environment).toMatchObject({
      FIXED_SSE: "1",
      OTEL_RESOURCE_ATTRIBUTES: "scopeline.variant=fixed,host.id=scopeline-compose",
    })
  })

  it.each(ownServices(services))(
    "starts %s with a command that the program has",
    async (_, own) => {
      const [command = "", ...rest] = own.command
      expect((await usageOf()).commands).toContain(command)
      const usage = await usageOf(command)
      const { flags, positional } = readInvocation(usage, rest)
      for (const flag of flags) expect([...usage.flags.keys()]).toContain(flag)
      expect(positional).toHaveLength(usage.required.length)
    },
  )

  it.each(ownServices(services))("sets %s only variables that the program reads", (_, own) => {
    const known = [...supportedVariables, fixedVariable]
    for (const variable of Object.keys(own.environment ?? {})) expect(known).toContain(variable)
  })

  const sending = ownServices(services).filter(
    ([, { environment }]) => environment?.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined,
  )

  it.each(sending)("tells that %s has the clock of the others", (_, own) => {
    expect(own.environment?.OTEL_RESOURCE_ATTRIBUTES).toContain("host.id=scopeline-compose")
  })

  it("keeps Jaeger's log out of what the driver prints", () => {
    expect(jaeger.attach).toBe(false)
  })

  it("serves as the image does by default, but for open spans, on the program's default port", async () => {
    for (const server of [broken, fixed, toggle]) {
      expect(server.command.slice(0, 4)).toEqual([...imageCommand, "--mark-open"])
      expect(portsOf(server).map(({ target }) => target)).toEqual(["4096"])
    }
    expect(await Effect.runPromise(defaultPort)).toBe("4096")
  })

  it("binds every published port to this machine, each moved by a variable of its own", () => {
    const moved = readCompose({
      JAEGER_UI_PORT: "1",
      OTLP_GRPC_PORT: "2",
      OTLP_HTTP_PORT: "3",
      SSE_BROKEN_PORT: "4",
      SSE_FIXED_PORT: "5",
      SSE_TOGGLE_PORT: "6",
      SSE_SCALE_PORT: "7",
      PAGE_PORT: "8",
    })
    const mappings = Object.values(moved).flatMap(portsOf)
    expect(new Set(mappings.map(({ host }) => host))).toEqual(new Set(["127.0.0.1"]))
    expect(mappings.map(({ published }) => published).sort()).toEqual([
      "1",
      "2",
      "3",
      "4",
      "5",
      "6",
      "7",
      "8",
    ])
    const defaults = Object.values(services).flatMap(portsOf)
    expect(defaults.map(({ published }) => published).sort()).toEqual(
      ["4090", "4096", "4097", "4098", "4099", "4317", "4318", "16686"].sort(),
    )
  })

  it("prints links to the port that Jaeger's UI was moved to", () => {
    const moved = readCompose({ JAEGER_UI_PORT: "8080" })
    expect(serviceNamed(moved, "driver").command).toContain("http://localhost:8080")
    expect(driver.command).toContain("http://localhost:16686")
  })

  it("shows traces of Jaeger on a page, at the port to which each trace there has a link", () => {
    const page = serviceNamed(services, "page")
    expect(page.command).toEqual(["watch", "--host", "0.0.0.0", "--jaeger", "http://jaeger:16686"])
    const [port] = portsOf(page)
    expect(fileText("otel/config/jaeger-ui.json")).toContain(
      `"http://${port?.host}:${port?.published}/trace/#{traceID}"`,
    )
    const moved = readCompose({ PAGE_PORT: "8081" })
    expect(serviceNamed(moved, "driver").command).toContain("http://localhost:8081")
  })

  it("names in every address a service, and a port on which that service listens", () => {
    const targets = Object.values(services).flatMap(({ command, environment }) =>
      [...command, ...Object.values(environment ?? {})].filter((word) => word.startsWith("http")),
    )
    const inside = targets
      .map((url) => new URL(url))
      .filter(({ hostname }) => hostname !== "localhost")
    expect(inside.length).toBeGreaterThan(0)
    for (const { hostname, port } of inside) {
      const service = serviceNamed(services, hostname)
      const ports = portsOf(service).map(({ target }) => target)
      expect([...ports, ...(service.expose ?? [])]).toContain(port)
    }
  })

  it("lets every server be asked under the name of its service", () => {
    const servers = Object.entries(services).filter(([, { command }]) => command[0] === "serve")
    expect(servers).toHaveLength(4)
    for (const [name, { command }] of servers) {
      expect(command[command.indexOf(name) - 1], name).toBe("--allow-host")
    }
  })

  it("starts the servers whether or not Jaeger is ready", () => {
    for (const server of [broken, fixed, toggle]) {
      expect(server.depends_on).toEqual({ jaeger: { condition: "service_started" } })
    }
  })

  it("runs the driver once, after both servers are healthy", () => {
    expect(driver.depends_on).toEqual({
      jaeger: { condition: "service_started" },
      "sse-broken": { condition: "service_healthy" },
      "sse-fixed": { condition: "service_healthy" },
    })
    expect(driver.restart).toBe("no")
    expect(driver.healthcheck?.disable).toBe(true)
  })

  it("leaves the server with the switch out unless its profile is asked for", () => {
    expect(toggle.profiles).toEqual(["toggle"])
    expect(toggle.environment?.FIXED_SSE).toBe("0")
    const switched = readCompose({ FIXED_SSE: "1" })
    expect(serviceNamed(switched, "sse").environment?.FIXED_SSE).toBe("1")
    expect(serviceNamed(switched, "sse-broken").environment?.FIXED_SSE).toBe("0")
    expect(driver.profiles).toBeUndefined()
  })

  it("lets every service of ours build its own image, under an init that forwards signals", () => {
    const own = ownServices(services)
    expect(own.map(([, { image, init }]) => ({ image, init }))).toEqual(
      own.map(() => ({ image: undefined, init: true })),
    )
  })

  it("pins Jaeger to a version", () => {
    expect(jaeger.image).toMatch(/^jaegertracing\/jaeger:2\.\d+\.\d+(@sha256:[0-9a-f]{64})?$/)
  })
})
