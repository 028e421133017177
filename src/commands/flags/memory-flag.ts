import * as ByteSize from "effect/ByteSize"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { defaultMemory } from "../../collector/memory.ts"

const mebibyte = 1024 * 1024
const least = 16 * mebibyte
const most = 64 * 1024 * mebibyte

const bytesOf = (text: string): number | undefined => {
  const bytes = Option.map(ByteSize.fromString(text.trim()), Number)
  return Option.getOrUndefined(Option.filter(bytes, (size) => size >= least && size <= most))
}

/** An amount of memory as people type it, `512MiB` or `1GB`, in bytes. */
const MemoryText = Schema.String.check(
  Schema.makeFilter((text: string) =>
    bytesOf(text) === undefined ? "a size from 16MiB to 64GiB is expected" : undefined,
  ),
).pipe(
  Schema.decodeTo(Schema.Number, {
    decode: SchemaGetter.transform((text: string) => bytesOf(text) ?? defaultMemory),
    encode: SchemaGetter.transform((bytes: number) => `${bytes}B`),
  }),
)

/** How much a collector keeps, in bytes. */
export const memoryFlag = (usual: number) =>
  Flag.String("memory").pipe(
    Flag.withDescription(`How much memory spans may take, ${usual / mebibyte}MiB by default`),
    Flag.withSchema(MemoryText),
    Flag.withMetavar("SIZE"),
    Flag.withDefault(usual),
  )
