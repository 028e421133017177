import { globSync, readFileSync } from "node:fs"
import { dirname, join, sep } from "node:path"
import { describe, expect, it } from "vitest"
import { neededModules } from "../otel/register/needed-modules.js"

/**
 * The rooms of the code, each with those right below it. A file imports from its own room and from any below
 * that: what stands below knows nothing of what stands above. A path that ends in `.ts` is a room of one file.
 */
const rooms: Readonly<Record<string, ReadonlyArray<string>>> = {
  bench: ["docs", "packaging"],
  docs: ["src/main.ts"],
  packaging: [],
  "src/main.ts": ["src/process.ts"],
  "src/process.ts": ["src/commands"],
  "src/commands": ["src/live", "src/scenarios"],
  "src/live": ["src/watch"],
  "src/watch": ["src/page"],
  "src/page": ["src/comparison", "src/recordings"],
  "src/scenarios": ["src/probe"],
  "src/comparison": ["src/probe", "src/server"],
  "src/probe": ["src/collector"],
  "src/collector": ["src/otlp", "src/access"],
  "src/recordings": ["src/otlp"],
  "src/otlp": ["otel"],
  "src/server": ["otel", "src/access"],
  "src/access": [],
  otel: ["otel/testing", "otel/register"],
  "otel/testing": ["otel/export"],
  "otel/register": ["otel/export"],
  "otel/export": ["otel/instrument", "otel/timeline"],
  "otel/instrument": ["otel/instrument/traced"],
  "otel/instrument/traced": ["otel/instrument/observed"],
  "otel/instrument/observed": ["otel/instrument/records"],
  "otel/instrument/records": ["otel/instrument/effect"],
  "otel/instrument/effect": ["otel/instrument/harmlessly.ts", "otel/lifetimes"],
  "otel/instrument/harmlessly.ts": ["otel/instrument/warn.ts"],
  "otel/instrument/warn.ts": [],
  "otel/timeline": ["otel/lifetimes"],
  "otel/lifetimes": ["otel/attributes.ts"],
  "otel/attributes.ts": [],
}

const roomOf = (file: string): string => {
  let path = file
  while (path !== "." && !Object.hasOwn(rooms, path)) path = dirname(path)
  return path
}

/** The room and all below it. */
const reach = (room: string): ReadonlySet<string> =>
  new Set([room, ...(rooms[room] ?? []).flatMap((below) => [...reach(below)])])

/** The imports of types as well: what they tie together is read together. */
const importsOf = (file: string): ReadonlyArray<string> =>
  [...readFileSync(file, "utf8").matchAll(/(?:\bfrom|\bimport\(?)\s*"(\.[^"]+\.ts)"/g)].map(
    ([, path = ""]) => join(dirname(file), path),
  )

const graph = new Map(
  globSync(["otel/**/*.ts", "src/**/*.ts", "docs/*.ts", "bench/**/*.ts", "packaging/*.ts"]).map(
    (file) => [file.replaceAll(sep, "/"), importsOf(file).map((path) => path.replaceAll(sep, "/"))],
  ),
)

/** The first circle that is found from here, as a list of files. */
const circleFrom = (
  file: string,
  way: ReadonlyArray<string>,
  done: Set<string>,
): ReadonlyArray<string> | undefined => {
  if (way.includes(file)) return [...way.slice(way.indexOf(file)), file]
  if (done.has(file)) return undefined
  done.add(file)
  for (const next of graph.get(file) ?? []) {
    const circle = circleFrom(next, [...way, file], done)
    if (circle !== undefined) return circle
  }
  return undefined
}

describe("imports", () => {
  it("are read: some hundred files, and each of a room", () => {
    expect(graph.size).toBeGreaterThan(300)
    expect([...graph.keys()].filter((file) => roomOf(file) === ".")).toEqual([])
    expect(graph.get("otel/export/telemetry.ts")).toContain("otel/instrument/automatic.ts")
  })

  it("go no circle", () => {
    const done = new Set<string>()
    const circles = [...graph.keys()].flatMap((file) => {
      const circle = circleFrom(file, [], done)
      return circle === undefined ? [] : [circle.join(" -> ")]
    })
    expect(circles).toEqual([])
  })

  it("go one way from room to room, and never back", () => {
    const back = [...graph].flatMap(([file, imports]) =>
      imports
        .filter((path) => !reach(roomOf(file)).has(roomOf(path)))
        .map((path) => `${file} -> ${path}`),
    )
    expect(back).toEqual([])
  })
})

/** What the seam to Effect knows of its inside, as it stands in code; the self-check asks for all of it. */
const internals: Readonly<Record<string, RegExp>> = {
  "a property behind the types": /\bReflect\.(?:get|set|has)\b(?!\(globalThis\b)/,
  "a private field of a fiber": /\b_(?:parent|children|observers|exit|interruptedCause|stack)\b/,
  "what a fiber keeps": /\.cache\b|\bstackFrame\b|\bcurrentOpCount\b|\b(?:setContext|getRef)\b/,
  "how a fiber ends": /\b(?:addObserver|pollUnsafe)\b/,
  "a key of Effect's own": /["'`](?:~effect\/|effect\/FiberCurrent)/,
  "the state of a scope or a queue": /\.state\b|\.strategy\b/,
  "what a PubSub is made of": /\b(?:shutdownFlag|pollers|replayWindow|pollUpTo|makeAtomic\w+)\b/,
  "the request behind a response": /\b(?:append|set)PreResponseHandlerUnsafe\b/,
  "a method that is replaced":
    /\bspan\.end = |\bsetFunction\(\w+, "(?:publish|publishAll|poll|pollUpTo)"/,
}

const seam = "otel/instrument/effect"

/** What register loads first is plain JavaScript. */
const sources = [
  ...graph.keys(),
  ...globSync("otel/**/*.js").map((file) => file.replaceAll(sep, "/")),
]

/** What runs in a browser: it has no Effect, so that its words are no internals of that. */
const isOfBrowser = (file: string): boolean => /^src\/page\/(?:view|browser)\//.test(file)

describe("what Effect does not publish", () => {
  const touching = (pattern: RegExp) =>
    sources.filter((file) => !isOfBrowser(file) && pattern.test(readFileSync(file, "utf8")))

  it.each(Object.entries(internals))("is touched in one room: %s", (_, pattern) => {
    const files = touching(pattern)
    expect(files.filter((file) => roomOf(file) === seam)).not.toEqual([])
    expect(files.filter((file) => roomOf(file) !== seam)).toEqual([])
  })
})

interface PackageImport {
  readonly clause: string
  readonly of: string
}

/** What a file imports from packages, and all that it imports, but for types. */
const packagesOf = (file: string, known = new Set<string>()): ReadonlyArray<PackageImport> => {
  if (known.has(file)) return []
  known.add(file)
  const imports = readFileSync(file, "utf8").matchAll(
    /^(?:import|export) ([^"';]*?) from "([^"]+)"/gm,
  )
  return [...imports].flatMap(([, clause = "", of = ""]) => {
    if (clause.startsWith("type ")) return []
    return of.startsWith(".") ? packagesOf(join(dirname(file), of), known) : [{ clause, of }]
  })
}

describe("what a browser loads of the page", () => {
  it("imports no package, and nothing of Node", () => {
    const files = [...graph.keys()].filter(isOfBrowser)
    expect(files.length).toBeGreaterThan(20)
    expect(files.flatMap((file) => packagesOf(file))).toEqual([])
  })
})

describe("what register loads into a program", () => {
  const ofEffect = packagesOf("otel/register/attach.ts").filter(({ of }) => /^effect\b/.test(of))

  it("imports of Effect what is asked for before", () => {
    expect([...new Set(ofEffect.map(({ of }) => of))].toSorted()).toEqual(neededModules.toSorted())
  })

  it("imports whole modules of it: a name that is not there would end the program", () => {
    expect(ofEffect.filter(({ clause }) => !clause.startsWith("* as "))).toEqual([])
  })

  it("sends spans from a thread that knows nothing of Effect", () => {
    const sent = packagesOf("otel/register/sender-thread.ts").map(({ of }) => of)
    expect(sent).toContain("@opentelemetry/sdk-trace-node")
    expect(sent.filter((of) => of.includes("effect"))).toEqual([])
  })
})

describe("a function that is made for each request", () => {
  // V8 makes what is written as `x.y = () => …` in its old generation, with all that it refers to.
  const assigned = /\.#?\w+ = (?:async )?(?:function\b|\w+ =>|\([^()]*\)(?:: [^=]+)? =>)/
  const onceOnly = ["otel/instrument/automatic.ts", "otel/instrument/effect/meeting-pubsubs.ts"]

  it("is not written where it is assigned", () => {
    expect("stream.isAsked = () => isOver").toMatch(assigned)
    const files = globSync("otel/instrument/**/*.ts").map((file) => file.replaceAll(sep, "/"))
    expect(files.filter((file) => assigned.test(readFileSync(file, "utf8")))).toEqual(onceOnly)
  })
})
