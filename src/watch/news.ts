import type { Micros } from "../../otel/lifetimes/time.ts"
import type { FindingKind, HeldPlace, Run } from "../page/snapshot.ts"

/** What the person at the terminal is told, each thing once. */
export type News =
  | {
      readonly news: "exchange"
      readonly at: Micros
      readonly service: string
      readonly route: string
      readonly hasLayer: boolean
    }
  | { readonly news: "finding"; readonly at: Micros; readonly finding: FindingKind }
  | { readonly news: "withdrawn"; readonly at: Micros; readonly finding: FindingKind }
  | { readonly news: "gone"; readonly at: Micros; readonly finding: FindingKind }
  | { readonly news: "still there"; readonly at: Micros; readonly finding: FindingKind }
  | { readonly news: "back"; readonly at: Micros; readonly finding: FindingKind }
  | { readonly news: "run"; readonly at: Micros; readonly run: Run }
  | {
      readonly news: "silent"
      readonly at: Micros
      readonly service: string
      readonly lastHeardAt: Micros
    }
  | { readonly news: "held"; readonly at: Micros; readonly place: HeldPlace }
