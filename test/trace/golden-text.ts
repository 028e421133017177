import type { Attributes, AttributeValue, Span } from "../../otel/lifetimes/span.ts"
import type { Micros } from "../../otel/lifetimes/time.ts"

/**
 * A trace as text: every span below its parent with its status, attributes, events and links. What differs from run
 * to run is told by what it stands for. Moments of one process are numbered in their order; those of its client are
 * not, because two processes run side by side.
 */
export const goldenText = (spans: ReadonlyArray<Span>): string => {
  const text = new GoldenText(spans)
  return `${[...text.resources(), ...text.tree(undefined, "")].join("\n")}\n`
}

class GoldenText {
  readonly #spans: ReadonlyArray<Span>
  readonly #moments: ReadonlyArray<Micros>
  readonly #fibers: Array<string> = []

  constructor(spans: ReadonlyArray<Span>) {
    this.#spans = spans
    const times = spans
      .filter(isOfServer)
      .flatMap(({ startedAt, endedAt, events }) => [
        startedAt,
        endedAt,
        ...events.map(({ time }) => time),
      ])
    this.#moments = [...new Set(times)].toSorted((a, b) => a - b)
  }

  /** What the spans of each service have in common. */
  resources(): ReadonlyArray<string> {
    const said = this.#spans.map(({ resource, instrumentation }) =>
      [
        `service ${resource["service.name"]}`,
        `  by ${instrumentation?.name} ${instrumentation === undefined ? "" : "<version>"}`,
        ...this.#attributes(resource, "  "),
      ].join("\n"),
    )
    return [...new Set(said)].toSorted()
  }

  tree(parent: string | undefined, indent: string): ReadonlyArray<string> {
    return this.#spans
      .filter(({ parentSpanId }) => parentSpanId === parent)
      .toSorted((a, b) => a.startedAt - b.startedAt || (a.name < b.name ? -1 : 1))
      .flatMap((span) => [...this.#span(span, indent), ...this.tree(span.spanId, `${indent}  `)])
  }

  #span(span: Span, indent: string): ReadonlyArray<string> {
    const { name, kind, status, startedAt, endedAt, attributes, events, links } = span
    const at = (time: Micros) => (isOfServer(span) ? ` ${this.#moments.indexOf(time)}` : "")
    const under = `${indent}  | `
    const message = status.message === "" ? "" : `: ${this.#value("", status.message)}`
    return [
      "",
      `${indent}${name}`,
      `${under}${kind}, ${status.code}${message}`,
      ...(isOfServer(span) ? [`${under}from${at(startedAt)} to${at(endedAt)}`] : []),
      ...this.#attributes(attributes, under),
      ...events
        .toSorted((a, b) => a.time - b.time)
        .flatMap((event) => [
          `${under}event${at(event.time)} ${event.name}`,
          ...this.#attributes(event.attributes, `${under}  `),
        ]),
      ...links.flatMap((link) => [
        `${under}link to ${this.#named(link.spanId)}`,
        ...this.#attributes(link.attributes, `${under}  `),
      ]),
    ]
  }

  #attributes(attributes: Attributes, indent: string): ReadonlyArray<string> {
    return Object.entries(attributes)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${indent}${key} = ${this.#value(key, value)}`)
  }

  #value(key: string, value: AttributeValue): string {
    if (Array.isArray(value)) return `[${value.map((one) => this.#value(key, one)).join(", ")}]`
    const varying = whatVaries[key]
    if (varying !== undefined) return `<${varying}>`
    if (key === "effect.fiber.id") return this.#fiber(String(value))
    if (key.endsWith("_ms")) return "<ms>"
    return this.#named(String(value))
      .replaceAll(/\d+(?:\.\d+)? (?:ms|µs|s)\b/g, "<time>")
      .replaceAll(/127\.0\.0\.1:\d+/g, "<address>")
      .replace(/\n.*/s, " ...")
  }

  #named(text: string): string {
    const span = this.#spans.find(({ spanId }) => spanId === text)
    return span === undefined ? text.replace(/^[0-9a-f]{16}$/, "<id>") : `<${span.name}>`
  }

  #fiber(id: string): string {
    if (!this.#fibers.includes(id)) this.#fibers.push(id)
    return `<fiber ${this.#fibers.indexOf(id) + 1}>`
  }
}

const isOfServer = ({ kind }: Span): boolean => kind !== "client"

const whatVaries: Readonly<Record<string, string>> = {
  "host.id": "machine",
  "service.instance.id": "instance",
  "service.version": "version",
  "telemetry.sdk.version": "version",
  "server.port": "port",
}
