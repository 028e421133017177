import type { ExchangeDetail, Snapshot } from "./snapshot.ts"

/** What a saved page holds. */
export interface Frozen {
  readonly snapshot: Snapshot
  /** Of the exchanges that are kept whole. */
  readonly details: ReadonlyArray<ExchangeDetail>
}

const through = (bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream) =>
  new Response(new Blob([bytes]).stream().pipeThrough(stream))

/** As text that can stand in a document, compressed. */
export const pack = async (frozen: Frozen): Promise<string> => {
  const bytes = new TextEncoder().encode(JSON.stringify(frozen))
  const packed = await through(bytes, new CompressionStream("gzip")).arrayBuffer()
  let text = ""
  const all = new Uint8Array(packed)
  for (let at = 0; at < all.length; at += 0x8000) {
    text += String.fromCharCode(...all.subarray(at, at + 0x8000))
  }
  return btoa(text)
}

export const unpack = async (text: string): Promise<Frozen> => {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return through(bytes, new DecompressionStream("gzip")).json()
}
