import { existsSync, globSync, readFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { command, copied, entrypoint, healthCheck, instructions, named } from "./dockerfile.ts"
import { defaultPort } from "./process.ts"
import { usageOf } from "./program.ts"
import { fileText, repository } from "./repository.ts"

const Manifest = Schema.fromJsonString(
  Schema.Struct({ dependencies: Schema.Record(Schema.String, Schema.String) }),
)

describe("the Dockerfile", () => {
  it("copies only what exists, and what .dockerignore lets through", () => {
    const sent = fileText(".dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1))
    for (const path of copied) {
      expect(existsSync(join(repository, path)), path).toBe(true)
    }
    expect(new Set(sent)).toEqual(new Set(copied))
    expect(copied).not.toContain("test")
  })

  it("installs what the lock file says for production, without optional packages", () => {
    const [install = "", ...more] = named("RUN")
    expect(more).toEqual([])
    expect(install).toMatch(/^npm ci --omit=dev --omit=optional\b/)
  })

  it("has, with those packages, everything that the code it copies imports", () => {
    const { dependencies } = Schema.decodeUnknownSync(Manifest)(fileText("package.json"))
    const files = globSync(["src/**/*.ts", "otel/**/*.ts", "bin/*.js"], { cwd: repository })
    const packages = files.flatMap((file) => {
      const text = readFileSync(join(repository, file), "utf8")
      const imports = text.matchAll(/(?:from|import|import\()\s*"([^".\s][^"\s]*)"/g)
      return [...imports].map(([, specifier = ""]) =>
        specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/"),
      )
    })
    const missing = new Set(packages.filter((name) => !isBuiltin(name) && !(name in dependencies)))
    expect([...missing]).toEqual([])
  })

  it("starts the program without a shell, as a user that is not root", () => {
    expect(entrypoint[0]).toBe("node")
    const program = entrypoint[1] ?? ""
    expect(existsSync(join(repository, program))).toBe(true)
    expect(copied).toContain(program.split("/")[0])
    expect(named("USER")).toEqual(["node"])
    expect(named("SHELL")).toEqual([])
    const order = instructions.map(({ name }) => name)
    expect(order.indexOf("USER")).toBeLessThan(order.indexOf("ENTRYPOINT"))
  })

  it("serves by default, on all addresses of the container, with flags that the program has", async () => {
    expect(command).toEqual(["serve", "--host", "0.0.0.0"])
    expect((await usageOf()).commands).toContain("serve")
    expect([...(await usageOf("serve")).flags.keys()]).toContain("--host")
  })

  it("exposes the port that its health check asks, which is the program's default", async () => {
    const [port = ""] = named("EXPOSE")
    expect(healthCheck.at(-1)).toContain(`http://127.0.0.1:${port}/health`)
    expect(await Effect.runPromise(defaultPort)).toBe(port)
  })

  it("has no step that depends on the architecture", () => {
    const all = instructions.map(({ name, rest }) => `${name} ${rest}`).join("\n")
    expect(all).not.toMatch(/--platform|TARGETARCH|amd64|arm64|x64|x86/)
  })
})
