import * as Schema from "effect/Schema"

const Dependencies = Schema.Record(Schema.String, Schema.String)

/** What of `package.json` differs between a checkout and the package. */
const Manifest = Schema.Struct({
  bin: Dependencies,
  dependencies: Dependencies,
  peerDependencies: Schema.StructWithRest(Schema.Struct({ effect: Schema.String }), [Dependencies]),
})

/** The packages that a program has wherever the package is installed. */
export const packagesOf = (checkout: Readonly<Record<string, unknown>>): ReadonlyArray<string> =>
  Object.keys(Schema.decodeUnknownSync(Manifest)(checkout).dependencies)

/** Of a checkout only: its tools, and that it must not be published as it is. */
const ofCheckout = [
  "private",
  "scripts",
  "allowScripts",
  "devDependencies",
  "optionalDependencies",
] as const

/**
 * `package.json` as it is published: the command is the compiled one, and what a program shares with
 * the library is the program's own. A checkout pins all of it among its dependencies. What else is of Effect
 * has to fit the program's Effect, whichever that is. A release on GitHub says which repository it comes from, as
 * `owner/name`: npm compares that with the provenance.
 */
export const publishedManifest = (
  checkout: Readonly<Record<string, unknown>>,
  repository?: string,
) => {
  const { bin, dependencies, peerDependencies } = Schema.decodeUnknownSync(Manifest)(checkout)
  const kept = Object.entries(checkout).filter(([key]) => !ofCheckout.some((it) => it === key))
  return {
    ...Object.fromEntries(kept),
    ...(repository === undefined ? {} : addressesOf(repository)),
    bin: mapValues(bin, (path) => `dist/${path}`),
    dependencies: Object.fromEntries(
      Object.entries(dependencies)
        .filter(([name]) => !(name in peerDependencies))
        .map(([name, pinned]) => [
          name,
          name.startsWith("@effect/") ? peerDependencies.effect : `^${pinned}`,
        ]),
    ),
  }
}

const addressesOf = (repository: string) => {
  const address = `https://github.com/${repository}`
  return {
    repository: { type: "git", url: `git+${address}.git` },
    homepage: `${address}#readme`,
    bugs: `${address}/issues`,
  }
}

const mapValues = (
  record: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
