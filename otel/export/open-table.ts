import type { OpenLifetime, OpenNow } from "../instrument/lifetimes.ts"
import { counted } from "../lifetimes/counted.ts"
import { formatMillis } from "../lifetimes/time.ts"
import { columnsOf } from "../timeline/columns.ts"
import { printable } from "../timeline/printable.ts"

type TableRow = readonly [kind: string, name: string, age: string, exchange: string, more: string]

const header: TableRow = ["kind", "name", "age", "belongs to", ""]

/** Long names that somebody else chose do not move the other columns. */
const widestName = 40

/** What is open, as a table for a terminal. */
export const openTable = (open: OpenNow): string => {
  const rows = [
    header,
    ...open.exchanges.map((one) => row("exchange", one, "")),
    ...open.scopes.map((one) => row("scope", one, `${one.role}${ownedBy(one)}`)),
    ...open.subscriptions.map((one) =>
      row(
        "subscription",
        one,
        `${one.delivered} delivered, ${counted(one.readers, "reader")}${ownedBy(one)}`,
      ),
    ),
    ...open.streams.map((one) => row("stream", one, counted(one.events, "event"))),
    ...open.orphans.map((one) =>
      row("fiber", one, one.owned ? "it feeds a stream that is over" : "nothing owns it"),
    ),
    ...open.finalizers.map((one) =>
      row(
        `${one.count} × ${one.kind}`,
        { ...one, name: shortPlace(one.place) },
        `in scope ${printable(one.scope, widestName)}`,
      ),
    ),
  ]
  const fibers = counted(open.runningFibers, "fiber runs", "fibers run")
  if (rows.length === 1) return `Scopeline: nothing is open now; ${fibers}.\n`
  const widths = header.map((_, column) =>
    Math.max(...rows.map((cells) => columnsOf(cells[column] ?? ""))),
  )
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  )
  return `Scopeline: what is open now; ${fibers}.\n${lines.join("\n")}\n`
}

const row = (kind: string, { name, ageMs, exchange }: OpenLifetime, more: string): TableRow => [
  kind,
  printable(name, widestName),
  formatMillis(ageMs),
  printable(exchange, widestName),
  more,
]

/** `openSession, session.ts:24`: the folders of a file say less than its name. */
const shortPlace = (place: string): string => place.replace(/(, )\S*\//, "$1")

const ownedBy = ({ owner }: { readonly owner: string }): string =>
  owner === "" ? "" : `, owned by ${printable(owner, widestName)}`

const padded = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - columnsOf(text)))
