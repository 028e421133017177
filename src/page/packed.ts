/** A text, compressed, so that it can stand in a document. */
export const pack = async (text: string): Promise<string> => {
  const bytes = new TextEncoder().encode(text)
  const packed = await through(bytes, new CompressionStream("gzip")).arrayBuffer()
  let shown = ""
  const all = new Uint8Array(packed)
  for (let at = 0; at < all.length; at += 0x8000) {
    shown += String.fromCharCode(...all.subarray(at, at + 0x8000))
  }
  return btoa(shown)
}

export const unpack = (text: string): Promise<string> => {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return through(bytes, new DecompressionStream("gzip")).text()
}

const through = (bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream) =>
  new Response(new Blob([bytes]).stream().pipeThrough(stream))
