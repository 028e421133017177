import type { Finding } from "../../otel/lifetimes/finding.ts"
import type { FindingWithExample } from "../../otel/lifetimes/sightings.ts"

/** What is known and accepted, with the reason: every finding that matches all of the given fields. */
export interface KnownFinding {
  readonly rule?: string
  readonly route?: string
  /** The lifetime that owns the bug, as `scope handler`. */
  readonly operation?: string
  /** The function of the place in the code. */
  readonly function?: string
  /** The file of the place in the code: a path, or the end of one. */
  readonly file?: string
  readonly reason: string
}

/** What distinguishes one kind of finding from another. */
export type FindingIdentity = Pick<Finding, "rule" | "route" | "operation" | "code">

/** A finding that is known, and why it is accepted. */
export interface KnownFound {
  readonly found: FindingWithExample
  readonly reason: string
}

/** Why a finding is accepted; `undefined` if it is not known. */
export const reasonFor = (
  known: ReadonlyArray<KnownFinding>,
  finding: FindingIdentity,
): string | undefined => known.find((one) => isMeant(one, finding))?.reason

/** Entries that match no finding. They may not be gone: perhaps nobody used that route. */
export const notFoundOf = (
  known: ReadonlyArray<KnownFinding>,
  findings: ReadonlyArray<FindingIdentity>,
): ReadonlyArray<KnownFinding> =>
  known.filter((one) => !findings.some((finding) => isMeant(one, finding)))

/** The entry that accepts a finding and no other. */
export const knownFindingOf = (
  { rule, route, operation, code }: FindingIdentity,
  directory: string,
  reason: string,
): KnownFinding => ({
  rule,
  ...(route === "" ? {} : { route }),
  operation,
  ...(code === undefined ? {} : { function: code.function }),
  ...(code?.file === undefined ? {} : { file: below(pathOf(code.file), pathOf(directory)) }),
  reason,
})

/** `scope-pile-up, GET /event, src/session.ts`: what an entry is about. */
export const knownText = ({ reason: _, ...parts }: KnownFinding): string =>
  Object.values(parts).join(", ")

const isMeant = (known: KnownFinding, { rule, route, operation, code }: FindingIdentity): boolean =>
  isOrAny(known.rule, rule) &&
  isOrAny(known.route, route) &&
  isOrAny(known.operation, operation) &&
  isOrAny(known.function, code?.function) &&
  (known.file === undefined || (code?.file !== undefined && isFile(known.file, code.file)))

const isOrAny = (wanted: string | undefined, is: string | undefined): boolean =>
  wanted === undefined || wanted === is

const isFile = (wanted: string, is: string): boolean => {
  const [end, path] = [pathOf(wanted).replace(/^\.\//, ""), pathOf(is)]
  return path === end || path.endsWith(`/${end}`)
}

const pathOf = (file: string): string => file.replace(/^file:\/\//, "").replaceAll("\\", "/")

const below = (path: string, directory: string): string =>
  path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : path
